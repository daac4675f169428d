// rekey doctor: every check as it finishes; the first failed one says the next step. Changes nothing; at each access path a user that does not exist is refused once.
import type { Command } from 'commander';
import type { CheckView } from '../../domain/view.ts';
import { act, type Cli, common, examples, text } from '../cli.ts';
import { rowsOf, streamed } from '../client.ts';
import { withApi } from '../connect.ts';
import { counted } from '../words.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, ['rekey doctor', 'rekey doctor --system corp-ldap', 'rekey doctor --json']);
  common(command).option('--system <id>', 'one system');
  act(cli, command, (_, flags) =>
    withApi(cli, flags, {}, async ({ transport, about }) => {
      const system = text(flags, 'system');
      const answer = await streamed(transport, {
        method: 'GET',
        path: `/v1/doctor${system === undefined ? '' : `?${new URLSearchParams({ system })}`}`,
        headers: { accept: 'application/x-ndjson' },
      });
      const { green, yellow, red } = cli.colors(cli.terminal.stdout);
      const words = { ok: green('✔ ok  '), warn: yellow('! warn'), fail: red('✘ FAIL') };
      const checks: CheckView[] = [];
      for await (const check of rowsOf<CheckView>(cli, answer)) {
        checks.push(check);
        if (!cli.json)
          await cli.out(
            `${words[check.verdict]}  ${check.system === '' ? '' : `${check.system}  `}${check.id}: ${check.message}\n${check.next === null || check.verdict === 'ok' ? '' : `        next: ${check.next}\n`}`,
          );
      }
      const count = (verdict: CheckView['verdict']) => checks.filter((check) => check.verdict === verdict).length;
      if (cli.json) await cli.document('Doctor', { estate: about.estate, ok: count('fail') === 0, checks });
      const worst = checks.find((check) => check.verdict === 'fail') ?? checks.find((check) => check.verdict === 'warn');
      cli.say(
        `${counted(checks.length, 'check')}: ${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed\nnext: ${worst?.next ?? 'rekey discover'}`,
      );
      return count('fail') > 0 ? 1 : 0;
    }),
  );
}
