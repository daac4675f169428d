// Runs and items as people and scripts read them. Counts are SQL; an item page carries its cells and consumers.
import type { ConsumerState } from '../domain/consumer.ts';
import { type ItemState, isTerminal, terminalStates } from '../domain/item.ts';
import { progressSums } from '../domain/progress.ts';
import type { LaneState, Mode, RunState, WaveState } from '../domain/run.ts';
import type { CellVerdict } from '../domain/verdict.ts';
import type { CellView, ItemView, Paged, RunView } from '../domain/view.ts';
import { keyCursor } from './key-cursor.ts';
import { ownAccount, ownItem } from './own.ts';
import type { Sql } from './sql.ts';

type Head = {
  key: string;
  id: string;
  plan: string;
  plan_hash: string;
  state: RunState;
  mode: Mode;
  started_by: string;
  started_at: Date;
  ended_at: Date | null;
  halt: RunView['halt'];
};

/** `own`: counted and shown is only what is this identity's; a run with nothing of theirs is none to them. Null = all of it. */
export async function runView(sql: Sql, id: string, own: string | null = null): Promise<RunView | undefined> {
  const [head] = await sql.query<Head>(
    `select key::text as key, id, plan, plan_hash, state, mode, started_by, started_at, ended_at, halt from run r where id = $1 and ${holdsOwn('$2')}`,
    [id, own],
  );
  return head === undefined ? undefined : view(sql, head, own);
}

/** Whether the run is there, for this owner: the sums of a run of a hundred thousand take a second, and a page of its items needs none of them. */
export async function hasRun(sql: Sql, id: string, own: string | null): Promise<boolean> {
  return (await sql.query(`select 1 from run r where id = $1 and ${holdsOwn('$2')}`, [id, own])).length > 0;
}

const holdsOwn = (own: string): string => `(${own}::text is null or exists (select 1 from item i where i.run = r.key and ${ownItem(own)}))`;

export async function runPage(sql: Sql, page: { cursor?: string; limit: number }, own: string | null = null): Promise<Paged<RunView>> {
  const heads = await sql.query<Head>(
    `select key::text as key, id, plan, plan_hash, state, mode, started_by, started_at, ended_at, halt from run r
      where ($1::int8 is null or r.key < $1::int8) and ${holdsOwn('$3')} order by r.key desc limit $2::int4`,
    [keyCursor(page.cursor), page.limit + 1, own],
  );
  const items: RunView[] = [];
  const shown = heads.slice(0, page.limit);
  for (const head of shown) items.push(await view(sql, head, own));
  const last = shown.at(-1);
  return heads.length > page.limit && last !== undefined ? { items, cursor: last.key } : { items };
}

async function view(sql: Sql, head: Head, own: string | null): Promise<RunView> {
  const key = [head.key];
  const mine = [head.key, own];
  const byWave = await sql.query<{ wave: number; state: ItemState; open: boolean; n: number }>(
    `select wave, state, open, count(*)::int as n from item i where run = $1::int8 and ${ownItem('$2')} group by wave, state, open`,
    mine,
  );
  const waves = await sql.query<{ n: number; name: string; state: WaveState; reason: string | null }>(
    `select n, name, state, reason from wave where run = $1::int8 order by n`,
    key,
  );
  const cells = await sql.query<{ verdict: CellVerdict; closes: boolean; n: number }>(
    `select c.verdict, c.level = 'state+canary' as closes, count(*)::int as n from item i join cell c on c.item = i.key where i.run = $1::int8 and ${ownItem('$2')} group by 1, 2`,
    mine,
  );
  const consumers = await sql.query<{ state: ConsumerState; n: number }>(
    `select coalesce(ic.state, 'mapped') as state, count(*)::int as n from item i join consumer c on c.account = i.account
       left join item_consumer ic on ic.item = i.key and ic.consumer = c.key where i.run = $1::int8 and i.state <> 'excluded' and ${ownItem('$2')} group by 1`,
    mine,
  );
  const [exposure] = await sql.query<{ first: number | null; p50: number | null; p95: number | null; last: number | null }>(
    `select min(s) as first, percentile_cont(0.5) within group (order by s) as p50, percentile_cont(0.95) within group (order by s) as p95, max(s) as last
       from (select extract(epoch from max(c.at) - $2::timestamptz)::float8 as s from item i join cell c on c.item = i.key
              where i.run = $1::int8 and c.verdict = 'proved' and ${ownItem('$3')} group by i.key) t`,
    [head.key, head.started_at, own],
  );
  const systems = await sql.query<{
    system: string;
    state: LaneState;
    reason: string | null;
    per_second: number | null;
    concurrency: number | null;
  }>(
    `select distinct on (system) system, state, reason, (stats->>'perSecond')::float8 as per_second, (stats->>'concurrency')::int as concurrency
       from lane where run = $1::int8 and ($2::text is null or exists (select 1 from item i join account a on a.key = i.account
          where i.run = $1::int8 and a.system = lane.system and ${ownAccount('$2')})) order by system, (state = 'running') desc, (state = 'halted') desc, wave desc`,
    mine,
  );
  const failures = await sql.query<{ error: string; n: number; sample: string[] }>(
    `select i.error, count(*)::int as n, (array_agg(a.system || '/' || a.name order by i.key))[1:3] as sample
       from item i join account a on a.key = i.account where i.run = $1::int8 and not i.open and i.error is not null and i.state <> 'excluded' and ${ownAccount('$2')} group by i.error order by 2 desc limit 20`,
    mine,
  );
  const counts = (rows: readonly { state: ItemState; n: number }[]): Partial<Record<ItemState, number>> => {
    const total: Partial<Record<ItemState, number>> = {};
    for (const { state, n } of rows) total[state] = (total[state] ?? 0) + n;
    return total;
  };
  const cellsOf = (verdict: CellVerdict, closes?: boolean): number =>
    cells.filter((c) => c.verdict === verdict && (closes === undefined || c.closes === closes)).reduce((n, c) => n + c.n, 0);
  return {
    id: head.id,
    plan: head.plan,
    planHash: head.plan_hash,
    state: head.state,
    mode: head.mode,
    startedAt: head.started_at.toISOString(),
    endedAt: head.ended_at?.toISOString() ?? null,
    startedBy: head.started_by,
    halt: head.halt,
    counts: counts(byWave),
    progress: progressSums(byWave),
    parked: byWave.filter((r) => !r.open && !isTerminal(r.state)).reduce((n, r) => n + r.n, 0),
    cells: {
      proved: cellsOf('proved'),
      inferred: cellsOf('inferred', true),
      residual: cellsOf('residual'),
      notProved: cellsOf('not-proved') + cellsOf('inferred', false),
      excepted: cellsOf('excepted'),
      signed: cellsOf('signed'),
    },
    consumers: Object.fromEntries(consumers.map((c) => [c.state, c.n])),
    waves: waves.map((w) => {
      const rows = byWave.filter((r) => r.wave === w.n);
      return { ...w, counts: counts(rows), progress: progressSums(rows) };
    }),
    systems: systems.map((s) => ({
      system: s.system,
      state: s.state,
      reason: s.reason,
      perSecond: s.per_second,
      concurrency: s.concurrency,
    })),
    exposure: {
      firstDenied: exposure?.first ?? null,
      p50: exposure?.p50 ?? null,
      p95: exposure?.p95 ?? null,
      lastDenied: exposure?.last ?? null,
    },
    failures: failures.map((f) => ({ error: f.error, count: f.n, sample: f.sample })),
  };
}

type ItemRow = {
  key: string;
  system: string;
  account: string;
  id: string;
  credential: string;
  state: ItemState;
  wave: number;
  version: number | null;
  owner: string | null;
  error: string | null;
  residual_until: Date | null;
  residual_why: string | null;
  cells: readonly CellView[] | null;
  consumers: ItemView['consumers'] | null;
};

export type ItemQuery = {
  readonly cursor?: string;
  readonly limit: number;
  readonly states?: readonly string[];
  readonly wave?: number;
  readonly system?: string;
  /** Part of the account's name, in any case. */
  readonly text?: string;
  /** Exactly this error: one of the grouped failures. */
  readonly error?: string;
  /** By name or id, within `system`. */
  readonly account?: string;
  /** Only what is this identity's: see own.ts. */
  readonly own?: string;
};

/** `states` may hold `parked`: stopped in a middle state. Keyset by item key. */
export async function itemPage(sql: Sql, run: string, query: ItemQuery): Promise<Paged<ItemView>> {
  const rows = await sql.query<ItemRow>(
    `select i.key::text as key, a.system, a.name as account, a.id, i.credential, i.state, i.wave, i.version, a.owner, i.error, i.residual_until, i.residual_why,
       (select json_agg(json_build_object('path', c.path, 'replica', c.replica, 'verdict', c.verdict, 'level', c.level, 'code', c.code, 'at', to_char(c.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by c.path, c.replica)
          from cell c where c.item = i.key) as cells,
       (select json_agg(json_build_object('id', k.consumer, 'state', coalesce(ic.state, 'mapped'), 'detail', ic.detail) order by k.consumer)
          from consumer k left join item_consumer ic on ic.item = i.key and ic.consumer = k.key where k.account = i.account) as consumers
      from item i join account a on a.key = i.account
     where i.run = (select key from run where id = $1) and i.key > $2::int8 and ($3::text[] is null or i.state = any($3::text[]) or 'parked' = any($3::text[]) and not i.open and i.state <> all($6::text[]))
       and ($4::int2 is null or i.wave = $4::int2) and ($7::text is null or a.system = $7) and ($8::text is null or strpos(lower(a.name), lower($8)) > 0)
       and ($9::text is null or i.error = $9) and ($10::text is null or $10 in (a.name, a.id)) and ${ownAccount('$11')}
     order by i.key limit $5::int4`,
    [
      run,
      keyCursor(query.cursor) ?? '0',
      query.states ?? null,
      query.wave ?? null,
      query.limit + 1,
      terminalStates,
      query.system ?? null,
      query.text ?? null,
      query.error ?? null,
      query.account ?? null,
      query.own ?? null,
    ],
  );
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const items = shown.map(itemView);
  return rows.length > query.limit && last !== undefined ? { items, cursor: last.key } : { items };
}

function itemView(row: ItemRow): ItemView {
  return {
    system: row.system,
    account: row.account,
    id: row.id,
    credential: row.credential,
    state: row.state,
    wave: row.wave,
    version: row.version,
    owner: row.owner,
    cells: row.cells ?? [],
    consumers: row.consumers ?? [],
    residual: row.residual_until === null ? null : { until: row.residual_until.toISOString(), why: row.residual_why ?? '' },
    error: row.error,
  };
}
