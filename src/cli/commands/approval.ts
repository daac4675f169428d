// rekey approval ls|give|refuse: what waits for people, and their yes or no. `give` is `rekey approve`.
import type { Command } from 'commander';
import type { ApprovalView } from '../../domain/approval-view.ts';
import { normalId } from '../../domain/id.ts';
import { Problem } from '../../domain/problem.ts';
import { act, type Cli, common, examples, type Flags, text } from '../cli.ts';
import { got } from '../client.ts';
import { type Connection, sayContext, withApi } from '../connect.ts';
import { quiet } from '../quiet.ts';
import { cleanAll } from '../terminal.ts';
import { table } from '../words.ts';
import { defineGive } from './approve.ts';

const states = ['waiting', 'approved', 'refused', 'expired', 'used'] as const;

export function define(command: Command, cli: Cli): void {
  examples(command, [
    'rekey approval ls --state waiting',
    'rekey approval give P-7K3QX2MA --as alice --key ~/.ssh/id_ed25519',
    'rekey approval refuse P-7K3QX2MA --reason "the canary is not ours"',
  ]);
  const ls = common(
    quiet(command.command('ls').summary('what people approve').description('Lists plans and hand-overs that people approve.'), cli),
  )
    .option('--state <state>', `one of ${states.join(', ')}; left out: all`)
    .option('--limit <n>', 'at most this many', '100');
  act(cli, ls, (_, flags) => withApi(cli, flags, {}, (connection) => list(cli, connection, flags)));

  defineGive(quiet(command.command('give').summary('say yes: rekey approve').description('Signs a plan or a hand-over.'), cli), cli);

  const refuse = common(
    quiet(
      command
        .command('refuse')
        .summary('say no, with a reason')
        .description('Says no: nothing is started while it stands.')
        .argument('<id>'),
      cli,
    ),
  )
    .option('--reason <text>', 'why; whoever asked for it is shown this')
    .option('--withdraw', 'take your own refusal back');
  act(cli, refuse, ([id = ''], flags) => withApi(cli, flags, {}, (connection) => no(cli, connection, normalId(id), flags)));
}

async function list(cli: Cli, { api }: Connection, flags: Flags): Promise<number> {
  const [named, limit] = [text(flags, 'state'), Number(flags.limit)];
  const state = states.find((each) => each === named);
  if ((named !== undefined && state === undefined) || !Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new Problem('usage', { message: 'no such state, or a limit that is not from 1 to 1000', hint: `--state ${states.join('|')}` });
  const page = await got(cli, api.GET('/v1/approvals', { params: { query: { limit, ...(state === undefined ? {} : { state }) } } }));
  if (cli.json) {
    await cli.document('Approvals', page);
    return 0;
  }
  const rows = cleanAll(page.items).map((each) => [
    each.id,
    each.state,
    `${each.given.length} of ${each.needed}`,
    each.requestedBy,
    each.expiresAt.slice(0, 16).replace('T', ' '),
    each.name,
    whoElse(each),
  ]);
  if (rows.length === 0) cli.say(state === undefined ? 'nothing was ever asked for' : `nothing is ${state}; rekey approval ls shows all`);
  else for (const line of table([['ID', 'STATE', 'GIVEN', 'ASKED BY', 'UNTIL (UTC)', 'NAME', ''], ...rows])) await cli.out(`${line}\n`);
  if (page.cursor !== undefined) cli.say('there are more: --limit');
  return 0;
}

function whoElse({ refused, may, state }: Pick<ApprovalView, 'refused' | 'may' | 'state'>): string {
  const [first] = refused;
  if (first !== undefined) return `${first.name}: ${first.reason}`;
  return state === 'waiting' ? `may: ${may.join(', ') || 'nobody'}` : '';
}

async function no(cli: Cli, connection: Connection, id: string, flags: Flags): Promise<number> {
  const reason = text(flags, 'reason');
  if ((reason === undefined) === (flags.withdraw !== true))
    throw new Problem('usage', {
      message: 'a refusal needs a reason, and taking it back needs none',
      hint: `rekey approval refuse ${id} --reason TEXT`,
    });
  sayContext(cli, connection);
  const path = { path: { id } };
  const { api } = connection;
  const view = await got(
    cli,
    reason === undefined
      ? api.POST('/v1/approvals/{id}/refuse/withdraw', { params: path })
      : api.POST('/v1/approvals/{id}/refuse', { params: path, body: { reason } }),
  );
  if (cli.json) await cli.document('ApprovalRequest', view);
  const next =
    reason === undefined ? `rekey approval ls --state ${view.state}` : `${view.requestedBy} makes a new one that meets the reason`;
  cli.say(`${id}: ${view.state}\nnext: ${next}`);
  return 0;
}
