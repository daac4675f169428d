// rekey run: look at runs, halt them, go on. Pausing never asks; aborting says what it leaves.
import type { Command } from 'commander';
import { csvLine } from '../../domain/csv-line.ts';
import { normalId } from '../../domain/id.ts';
import { itemStates } from '../../domain/item.ts';
import { Problem } from '../../domain/problem.ts';
import { isEnded } from '../../domain/run.ts';
import type { ItemView, RunView } from '../../domain/view.ts';
import { agree } from '../ask.ts';
import { act, type Cli, common, examples, type Flags, text } from '../cli.ts';
import { got, rowsOf, streamed } from '../client.ts';
import { type Connection, sayContext, withApi } from '../connect.ts';
import { follow, report } from '../follow.ts';
import { itemLine } from '../item-text.ts';
import { listPeople } from '../people-list.ts';
import { quiet } from '../quiet.ts';
import { settled, total } from '../run-text.ts';
import { number, table, time } from '../words.ts';
import { wholeNumber } from './account.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, [
    'rekey run watch R-7K3QX2MA',
    'rekey run pause R-7K3QX2MA --reason "orders-api is down"',
    'rekey run retry R-7K3QX2MA --state failed,in-doubt',
  ]);
  const sub = (name: string, summary: string) => common(quiet(command.command(name).summary(summary).description(summary), cli));
  const one = (name: string, summary: string) => sub(name, summary).argument('<run>');
  const residual = ['--accept-residual', 'exit 0 also when some old access ends by itself later'] as const;

  act(cli, sub('ls', 'runs, newest first').option('--limit <n>', 'at most this many', wholeNumber, 20), (_, flags) =>
    withApi(cli, flags, {}, (c) => list(cli, c, flags)),
  );

  act(cli, one('show', 'state, counts, proof and exposure of a run'), ([id = ''], flags) =>
    withApi(cli, flags, {}, async ({ api }) => {
      await report(cli, await got(cli, api.GET('/v1/runs/{id}', path(id))), true);
      return 0;
    }),
  );

  const items = one('items', 'every item, as lines, CSV or NDJSON')
    .option('--state <state>', `one of ${itemStates.join(', ')}`)
    .option('--wave <n>', 'one wave', wholeNumber)
    .option('--csv', 'CSV on stdout');
  act(cli, items, ([id = ''], flags) => withApi(cli, flags, {}, (c) => listItems(cli, c, id, flags)));

  const people = one('people', 'one verdict for each person, with all of their accounts')
    .option('--person <name>', 'one person')
    .option('--not-done', 'only people who are not done');
  act(cli, people, ([id = ''], flags) => withApi(cli, flags, {}, (c) => listPeople(cli, c, id, flags)));

  act(cli, one('watch', 'follow a run to its end').option(...residual), ([id = ''], flags) =>
    withApi(cli, flags, { worker: true }, (c) => follow(cli, flags, c, normalId(id))),
  );

  act(
    cli,
    one('pause', 'stop sending; what is on its way is settled').option('--reason <text>', 'why; people are shown it'),
    ([id = ''], flags) =>
      withApi(cli, flags, {}, async (c) => {
        const run = await got(
          cli,
          c.api.POST('/v1/runs/{id}/pause', { ...path(id), body: { reason: text(flags, 'reason') ?? `paused by ${c.about.caller.name}` } }),
        );
        return told(cli, run, `run ${run.id} paused; what was on its way is being settled\nnext: rekey run resume ${run.id}`);
      }),
  );

  act(
    cli,
    one('resume', 'go on after a pause or a crash')
      .option('--detach', 'return at once')
      .option(...residual),
    ([id = ''], flags) =>
      withApi(cli, flags, { worker: flags.detach !== true }, async (c) => {
        sayContext(cli, c);
        const before = await got(cli, c.api.GET('/v1/runs/{id}', path(id)));
        // A run that is "running" with nobody at work lost its worker: being here with a worker is all it needs.
        const run =
          before.state === 'running' && !before.waves.some((w) => w.state === 'held')
            ? before
            : await got(cli, c.api.POST('/v1/runs/{id}/resume', path(id)));
        return goOn(cli, c, flags, run, `run ${run.id} goes on`);
      }),
  );

  const abort = one('abort', 'end a run; what was not sent stays as it was')
    .requiredOption('--reason <text>', 'why')
    .option('--yes', 'do not ask');
  act(cli, abort, ([id = ''], flags) =>
    withApi(cli, flags, {}, async (c) => {
      sayContext(cli, c);
      const before = await got(cli, c.api.GET('/v1/runs/{id}', path(id)));
      const open = total(before) - settled(before);
      cli.say(
        `${number(open)} items are open. Aborting leaves those not yet sent as they were; those sent are settled or stay in doubt until \`rekey run retry\`.`,
      );
      await agree(cli, flags, `Abort run ${before.id}?`);
      const run = await got(cli, c.api.POST('/v1/runs/{id}/abort', { ...path(id), body: { reason: text(flags, 'reason') ?? '' } }));
      return told(cli, run, `run ${run.id} aborted\nnext: rekey run show ${run.id}`);
    }),
  );

  const retry = one('retry', 'take up items in the named states again; settled ones are not touched')
    .option('--state <states>', 'comma-separated', 'failed,in-doubt')
    .option('--detach', 'return at once')
    .option(...residual);
  act(cli, retry, ([id = ''], flags) =>
    withApi(cli, flags, { worker: flags.detach !== true }, async (c) => {
      sayContext(cli, c);
      const run = await got(cli, c.api.POST('/v1/runs/{id}/retry', { ...path(id), body: { states: states(text(flags, 'state') ?? '') } }));
      return goOn(cli, c, flags, run, `run ${run.id}: taken up again`);
    }),
  );

  const except = one('except', 'a named owner accepts an open cell until a date')
    .requiredOption('--account <system/account>', 'the account')
    .option('--path <path>', 'one access path; left out: all open ones')
    .requiredOption('--owner <name>', 'who accepts it')
    .requiredOption('--reason <text>', 'why')
    .requiredOption('--expires <date>', 'until when, for example 2026-12-31 or 2026-12-31T12:00:00Z');
  act(cli, except, ([id = ''], flags) =>
    withApi(cli, flags, {}, async (c) => {
      sayContext(cli, c);
      const given = text(flags, 'path');
      const body = {
        account: text(flags, 'account') ?? '',
        owner: text(flags, 'owner') ?? '',
        reason: text(flags, 'reason') ?? '',
        expiresAt: instant(text(flags, 'expires') ?? ''),
        ...(given === undefined ? {} : { path: given }),
      };
      const run = await got(cli, c.api.POST('/v1/runs/{id}/exceptions', { ...path(id), body }));
      return told(cli, run, `accepted by ${body.owner} until ${time(body.expiresAt)}`);
    }),
  );

  const sign = one('sign-off', 'an owner says that a task by hand is done: it reads signed, never proved')
    .argument('<system/account>')
    .requiredOption('--by <owner>', 'who signs: the owner of the account, or an approver of rekey.yaml')
    .requiredOption('--reason <text>', 'what was done, and where it is written down');
  act(cli, sign, ([id = '', account = ''], flags) =>
    withApi(cli, flags, {}, async (c) => {
      sayContext(cli, c);
      const body = { account, by: text(flags, 'by') ?? '', reason: text(flags, 'reason') ?? '' };
      const run = await got(cli, c.api.POST('/v1/runs/{id}/sign-offs', { ...path(id), body }));
      return told(cli, run, `signed by ${body.by}, not proved\nnext: rekey run items ${run.id} --state by-hand`);
    }),
  );
}

const path = (id: string) => ({ params: { path: { id: normalId(id) } } });

async function told(cli: Cli, run: RunView, said: string): Promise<number> {
  if (cli.json) await cli.document('Run', run);
  cli.say(said);
  return 0;
}

async function goOn(cli: Cli, connection: Connection, flags: Flags, run: RunView, said: string): Promise<number> {
  cli.say(said);
  if (isEnded(run.state)) return report(cli, run, flags.acceptResidual === true);
  if (flags.detach !== true) return follow(cli, flags, connection, run.id);
  return told(cli, run, `next: rekey run watch ${run.id}`);
}

async function list(cli: Cli, { api }: Connection, flags: Flags): Promise<number> {
  const { items, cursor } = await got(
    cli,
    api.GET('/v1/runs', { params: { query: { limit: Math.min(1000, Math.max(1, Number(flags.limit))) } } }),
  );
  if (cursor !== undefined) cli.warn(`there are more runs than these ${items.length}: --limit shows more`);
  if (cli.json) await cli.document('RunList', items);
  else if (items.length === 0) cli.say('no run yet\nnext: rekey apply PLAN');
  else
    await cli.out(
      table(items.map((r) => [r.id, r.state, `${number(settled(r))}/${number(total(r))}`, r.plan, time(r.startedAt), r.halt?.reason ?? '']))
        .map((l) => `${l}\n`)
        .join(''),
    );
  return 0;
}

const columns = ['system', 'account', 'credential', 'state', 'wave', 'version', 'owner', 'error'] as const;

async function listItems(cli: Cli, { transport }: Connection, id: string, flags: Flags): Promise<number> {
  const state = text(flags, 'state');
  const [wanted, ...others] = state === undefined ? [] : states(state);
  if (others.length > 0) throw new Problem('usage', { place: '--state', message: 'one state at a time here', hint: `--state ${wanted}` });
  const query = new URLSearchParams({
    ...(wanted === undefined ? {} : { state: wanted }),
    ...(flags.wave === undefined ? {} : { wave: String(flags.wave) }),
  });
  const answer = await streamed(transport, {
    method: 'GET',
    path: `/v1/runs/${encodeURIComponent(normalId(id))}/items?${query}`,
    headers: { accept: 'application/x-ndjson' },
  });
  let count = 0;
  if (flags.csv === true) await cli.raw(csvLine(columns));
  for await (const item of rowsOf<ItemView>(cli, answer)) {
    count += 1;
    if (cli.json) await cli.line(item);
    else if (flags.csv === true) await cli.raw(csvLine(columns.map((column) => item[column])));
    else await cli.out(itemLine(item, cli.colors(cli.terminal.stdout)));
  }
  if (cli.json) await cli.line({ type: 'result', count, warnings: cli.warnings });
  else if (count === 0) cli.say(state === undefined ? 'this run has no items' : `no item is in this state: ${state}`);
  return 0;
}

function states(list: string): (typeof itemStates)[number][] {
  return list.split(',').map((name) => {
    const state = itemStates.find((known) => known === name.trim());
    if (state === undefined)
      throw new Problem('usage', {
        place: '--state',
        message: `"${name.trim()}" is not a state`,
        hint: `states: ${itemStates.join(', ')}`,
      });
    return state;
  });
}

function instant(given: string): string {
  const at = new Date(given);
  if (!/^\d{4}-\d{2}-\d{2}/.test(given) || Number.isNaN(at.getTime()))
    throw new Problem('usage', { place: '--expires', message: `"${given}" is not a date`, hint: '--expires 2026-12-31' });
  return at.toISOString();
}
