// rekey account claims|reopen: who may fetch what was set, and a second chance for whoever came too late.
import type { Command } from 'commander';
import { act, type Cli, common, text } from './cli.ts';
import { got } from './client.ts';
import { sayContext, withApi } from './connect.ts';
import { quiet } from './quiet.ts';
import { systemAndAccount } from './system-account.ts';
import { tableText, time } from './words.ts';

export function defineClaims(command: Command, cli: Cli): void {
  const claims = quiet(
    command.command('claims').summary('who may fetch its value, and whether they did').argument('<system/account>'),
    cli,
  );
  act(cli, common(claims), ([name = ''], flags) =>
    withApi(cli, flags, {}, async ({ api }) => {
      const { items } = await got(cli, api.GET('/v1/accounts/{system}/{account}/claims', { params: { path: systemAndAccount(name) } }));
      if (cli.json) await cli.document('AccountClaimList', items);
      else if (items.length === 0) cli.say(`nobody fetches ${name}: Rekey set no value of it, or the inventory names nobody who may`);
      else
        await cli.out(
          tableText([
            ['PERSON', 'VERSION', 'STATE', 'SET', 'UNTIL', 'SHOWN'],
            ...items.map((c) => [
              c.person,
              `v${c.version}`,
              c.state,
              time(c.setAt),
              c.until === null ? '-' : time(c.until),
              c.revealedAt === null ? '-' : time(c.revealedAt),
            ]),
          ]),
        );
      return 0;
    }),
  );

  const reopen = quiet(
    command
      .command('reopen')
      .summary('the time to fetch its value begins anew')
      .description('Opens an account again for one person who came too late. Where the value was shown already, reset the account instead.')
      .argument('<system/account>'),
    cli,
  )
    .requiredOption('--person <name>', 'for whom, as the inventory names them')
    .requiredOption('--reason <text>', 'on record, and how it was made sure who asked');
  act(cli, common(reopen), ([name = ''], flags) =>
    withApi(cli, flags, {}, async (connection) => {
      sayContext(cli, connection);
      const [person, reason] = [text(flags, 'person') ?? '', text(flags, 'reason') ?? ''];
      const params = { path: systemAndAccount(name) };
      const claim = await got(
        cli,
        connection.api.POST('/v1/accounts/{system}/{account}/claims/reopen', { params, body: { person, reason } }),
      );
      if (cli.json) await cli.document('AccountClaim', claim);
      else await cli.out(`${name} waits for ${person} until ${claim.until === null ? 'it is fetched' : time(claim.until)}\n`);
      return 0;
    }),
  );
}
