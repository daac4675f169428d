// rekey token: tokens for programs. A new one is printed once, to standard output, and kept nowhere.
import type { Command } from 'commander';
import { type Permission, permissions } from '../../access/rights.ts';
import { Problem } from '../../domain/problem.ts';
import { act, type Cli, common, examples, text } from '../cli.ts';
import { got } from '../client.ts';
import { sayContext, withApi } from '../connect.ts';
import { quiet } from '../quiet.ts';
import { tableText, time } from '../words.ts';
import { wholeNumber } from './account.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, [
    'rekey token new ci --member M-7K3QX2MA --may run.read plan.read --days 30 > token.txt',
    'rekey token ls',
    'rekey token revoke T-7K3QX2MA',
  ]);
  const ls = common(quiet(command.command('ls').summary('tokens, and when each was last used'), cli)).option(
    '--member <id>',
    'of this member',
  );
  act(cli, ls, (_, flags) =>
    withApi(cli, flags, {}, async ({ api }) => {
      const member = text(flags, 'member');
      const { items } = await got(cli, api.GET('/v1/tokens', { params: { query: member === undefined ? {} : { member } } }));
      const state = (t: (typeof items)[number]): string => (t.revokedAt === null ? `until ${time(t.expiresAt)}` : 'revoked');
      if (cli.json) await cli.document('TokenList', items);
      else
        await cli.out(
          tableText([
            ['ID', 'NAME', 'MEMBER', 'MAY', 'STATE', 'LAST USED'],
            ...items.map((t) => [t.id, t.name, t.member, t.permissions.join(' '), state(t), t.usedAt === null ? '-' : time(t.usedAt)]),
          ]),
        );
      return 0;
    }),
  );

  const make = common(
    quiet(command.command('new').summary('a token for a member of this estate').argument('<name>', 'what it is for'), cli),
  )
    .requiredOption('--may <permission...>', 'what it may do, at most what its member may')
    .option('--member <id>', 'whose')
    .option('--days <n>', 'good for this many days', wholeNumber, 30);
  act(cli, make, ([name = ''], flags) =>
    withApi(cli, flags, {}, async (connection) => {
      sayContext(cli, connection);
      const member = text(flags, 'member');
      const body = {
        name,
        permissions: permissionsIn(flags.may),
        expiresInDays: Number(flags.days),
        ...(member === undefined ? {} : { member }),
      };
      const made = await got(cli, connection.api.POST('/v1/tokens', { body }));
      if (cli.json) await cli.document('Token', made);
      else await cli.out(`${made.token}\n`);
      cli.say(`${made.id}, good until ${time(made.expiresAt)}; it is not shown again`);
      return 0;
    }),
  );

  act(cli, common(quiet(command.command('revoke').summary('end a token at once').argument('<id>', 'T-…'), cli)), ([id = ''], flags) =>
    withApi(cli, flags, {}, async (connection) => {
      sayContext(cli, connection);
      await got(cli, connection.api.POST('/v1/tokens/{id}/revoke', { params: { path: { id } } }));
      if (cli.json) await cli.document('Token', { id, revoked: true });
      else await cli.out(`${id} revoked\n`);
      return 0;
    }),
  );
}

function permissionsIn(given: unknown): Permission[] {
  return (Array.isArray(given) ? given.map(String) : []).map((name) => {
    const permission = permissions.find((each) => each === name);
    if (permission === undefined)
      throw new Problem('usage', { place: '--may', message: `there is no permission ${name}`, hint: permissions.join(', ') });
    return permission;
  });
}
