// rekey session: open sessions of a member, and their end.
import type { Command } from 'commander';
import { Problem } from '../../domain/problem.ts';
import { act, type Cli, common, examples, text } from '../cli.ts';
import { got } from '../client.ts';
import { sayContext, withApi } from '../connect.ts';
import { quiet } from '../quiet.ts';
import { tableText, time } from '../words.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, ['rekey session ls --member M-7K3QX2MA', 'rekey session revoke L-7K3QX2MA', 'rekey session ls --json']);
  const ls = common(quiet(command.command('ls').summary('open sessions, where and since when'), cli)).option(
    '--member <id>',
    'of this member',
  );
  act(cli, ls, (_, flags) =>
    withApi(cli, flags, {}, async ({ api, about }) => {
      const member = text(flags, 'member');
      // An empty list would read as: nobody is signed in.
      if (member === undefined && about.caller.custodian)
        throw new Problem('usage', {
          place: '--member',
          message: 'whose sessions? Whoever works on the server itself has none',
          hint: 'rekey session ls --member ID, by the IDs of rekey member ls',
        });
      const { items } = await got(cli, api.GET('/v1/sessions', { params: { query: member === undefined ? {} : { member } } }));
      if (cli.json) await cli.document('SessionList', items);
      else
        await cli.out(
          tableText([
            ['ID', 'MEMBER', 'BY', 'FROM', 'SINCE', 'LAST SEEN'],
            ...items.map((s) => [s.id, s.member, s.method, s.address ?? '-', time(s.createdAt), time(s.seenAt)]),
          ]),
        );
      return 0;
    }),
  );
  act(cli, common(quiet(command.command('revoke').summary('end a session at once').argument('<id>', 'L-…'), cli)), ([id = ''], flags) =>
    withApi(cli, flags, {}, async (connection) => {
      sayContext(cli, connection);
      await got(cli, connection.api.POST('/v1/sessions/{id}/revoke', { params: { path: { id } } }));
      if (cli.json) await cli.document('Session', { id, revoked: true });
      else await cli.out(`${id} revoked\n`);
      return 0;
    }),
  );
}
