// rekey reveal: one secret for one person. On a terminal it is shown once and taken off the screen; into a pipe only with --reveal.
import type { Command } from 'commander';
import { Problem } from '../../domain/problem.ts';
import { ask } from '../ask.ts';
import { act, type Cli, common, examples } from '../cli.ts';
import { problemFrom } from '../client.ts';
import { withApi } from '../connect.ts';
import { systemAndAccount } from '../system-account.ts';
import { jsonText } from '../terminal.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, [
    'rekey reveal corp-ldap/uid=alice',
    'rekey reveal orders-db/app --json --reveal | jq -r .data.secret',
    'rekey handover --run R-7K3QX2MA --to age1... -o handover.age',
  ]);
  common(command).argument('<system/account>').option('--reveal', 'print the secret also where it may be recorded (a pipe, --json)');
  act(cli, command, ([name = ''], flags) =>
    withApi(cli, flags, {}, async ({ api }) => {
      const path = systemAndAccount(name);
      const terminal = cli.interactive && cli.terminal.stdout.isTTY === true;
      if (flags.reveal !== true && !terminal) {
        throw new Problem('confirmation-needed', {
          message: 'the secret would leave through a pipe or a file',
          hint: `rekey reveal ${name}${cli.json ? ' --json' : ''} --reveal`,
        });
      }
      // Not through got(): a secret is handed over as it is, never cleaned into another one.
      const { data, error, response } = await api.POST('/v1/accounts/{system}/{account}/reveal', { params: { path } });
      if (data === undefined) throw problemFrom(error, response.status);
      if (cli.json) await cli.document('Secret', { secret: data.secret, version: data.version });
      else if (!terminal || flags.reveal === true) await cli.raw(`${data.secret}\n`);
      else {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: a secret with control characters is shown escaped, not obeyed
        const shown = /[\u0000-\u001f\u007f-\u009f]/.test(data.secret) ? jsonText(data.secret) : data.secret;
        cli.terminal.stderr.write(`${name} version ${data.version}\n\n  ${shown}\n\n`);
        await ask(cli, 'Press Enter to take it off the screen. ');
        // Five lines were written since: up, and cleared to the end of the screen. A scroll-back that was already copied is out of reach.
        cli.terminal.stderr.write('\u001b[5A\u001b[0J');
        cli.say(`${name} version ${data.version} was shown; this is on record`);
      }
      return 0;
    }),
  );
}
