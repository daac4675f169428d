// A run in a few sums, for the first screen: one pass over its items, grouped so far that a hundred thousand become some hundred rows.
import type { ItemState } from '../domain/item.ts';
import type { LaneState, RunState, WaveState } from '../domain/run.ts';
import { ownAccount, ownItem } from './own.ts';
import type { Sql } from './sql.ts';

export type RunHead = {
  readonly key: string;
  readonly id: string;
  readonly plan: string;
  readonly name: string;
  readonly incident: string | null;
  readonly state: RunState;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly startedBy: string;
  readonly halt: { readonly by: string; readonly reason: string; readonly at: string } | null;
  readonly predicted: { readonly low: number; readonly high: number } | null;
};

const heads = `select r.key::text as key, r.id, r.plan, p.name, p.header::json->>'incident' as incident, r.state, r.started_at as "startedAt", r.ended_at as "endedAt",
    r.started_by as "startedBy", r.halt, p.header::json->'predicted' as predicted from run r join plan p on p.id = r.plan`;

/** A run with nothing of theirs is none to them. */
const holdsOwn = (own: string): string => `(${own}::text is null or exists (select 1 from item i where i.run = r.key and ${ownItem(own)}))`;

/** Those under way before those that ended, each newest first. More than 20 at once is no picture any more. */
export function latestRuns(sql: Sql, own: string | null): Promise<RunHead[]> {
  return sql.query<RunHead>(`${heads} where ${holdsOwn('$1')} order by r.state in ('running', 'paused') desc, r.key desc limit 20`, [own]);
}

export async function runHead(sql: Sql, id: string, own: string | null): Promise<RunHead | undefined> {
  return (await sql.query<RunHead>(`${heads} where r.id = $1 and ${holdsOwn('$2')}`, [id, own]))[0];
}

/** Items that share everything the first screen asks. `own`: only accounts of this owner or identity. */
export type Tally = {
  readonly wave: number;
  readonly system: string;
  readonly tier: number;
  readonly state: ItemState;
  readonly open: boolean;
  readonly n: number;
  /** When the first of those that stopped with an error did. */
  readonly since: Date | null;
};

export function itemTally(sql: Sql, run: string, own: string | null): Promise<Tally[]> {
  return sql.query<Tally>(
    `select i.wave::int4 as wave, a.system, a.tier::int4 as tier, i.state, i.open, count(*)::int4 as n,
            min(i.updated_at) filter (where not i.open and i.error is not null and i.state <> 'excluded') as since
       from item i join account a on a.key = i.account
      where i.run = $1::int8 and ${ownAccount('$2')} group by 1, 2, 3, 4, 5`,
    [run, own],
  );
}

export function waveRows(
  sql: Sql,
  run: string,
): Promise<{ n: number; name: string; state: WaveState; reason: string | null; startedAt: Date | null }[]> {
  return sql.query(`select n::int4 as n, name, state, reason, started_at as "startedAt" from wave where run = $1::int8 order by n`, [run]);
}

export type LaneNow = {
  readonly system: string;
  readonly state: LaneState;
  readonly reason: string | null;
  readonly since: Date | null;
  readonly perSecond: number | null;
};

/** One per system: the lane at work, else a halted one, else the last. */
export function lanesNow(sql: Sql, run: string): Promise<LaneNow[]> {
  return sql.query<LaneNow>(
    `select distinct on (system) system, state, reason, case when state = 'halted' then beat_at end as since, (stats->>'perSecond')::float8 as "perSecond"
       from lane where run = $1::int8 order by system, (state = 'halted') desc, (state = 'running') desc, wave desc`,
    [run],
  );
}

export async function residualRows(
  sql: Sql,
  run: string,
  own: string | null,
): Promise<{ count: number; until: Date | null; why: readonly { why: string; count: number }[] }> {
  const rows = await sql.query<{ why: string | null; n: number; until: Date }>(
    `select i.residual_why as why, count(*)::int4 as n, max(i.residual_until) as until from item i join account a on a.key = i.account
      where i.run = $1::int8 and i.residual_until > now() and i.state <> 'complete' and ${ownAccount('$2')}
      group by 1 order by 2 desc`,
    [run, own],
  );
  const until = rows.reduce<Date | null>((last, row) => (last === null || row.until > last ? row.until : last), null);
  return {
    count: rows.reduce((n, row) => n + row.n, 0),
    until,
    why: rows.slice(0, 3).map((row) => ({ why: row.why ?? 'a clock is running', count: row.n })),
  };
}

export async function exposureOf(
  sql: Sql,
  run: RunHead,
  own: string | null,
): Promise<{ first: number | null; p50: number | null; p95: number | null }> {
  const [row] = await sql.query<{ first: number | null; p50: number | null; p95: number | null }>(
    `select min(s) as first, percentile_cont(0.5) within group (order by s) as p50, percentile_cont(0.95) within group (order by s) as p95
       from (select extract(epoch from max(c.at) - $2::timestamptz)::float8 as s from item i join cell c on c.item = i.key
              where i.run = $1::int8 and c.verdict = 'proved' and ${ownItem('$3')} group by i.key) t`,
    [run.key, run.startedAt, own],
  );
  return row ?? { first: null, p50: null, p95: null };
}

/** People are told by the plan; `done` when all of a person's items are. */
export async function peopleOf(sql: Sql, run: string, own: string | null): Promise<{ total: number; done: number; open: number }> {
  const [row] = await sql.query<{ total: number; done: number; open: number }>(
    `select count(*)::int4 as total, count(*) filter (where done)::int4 as done, count(*) filter (where open)::int4 as open
       from (select bool_and(i.state = 'complete') as done, bool_or(i.open) as open from item i join account a on a.key = i.account
              where i.run = $1::int8 and i.person is not null and i.state <> 'excluded' and ${ownAccount('$2')}
              group by i.person) t`,
    [run, own],
  );
  return row ?? { total: 0, done: 0, open: 0 };
}

/** People whose own account has a new value in place; `fetched` when each of these was shown to somebody entitled. What stores and hand-overs bring is not theirs to fetch. */
export async function deliveryOf(sql: Sql, run: string, own: string | null): Promise<{ people: number; fetched: number }> {
  const [row] = await sql.query<{ people: number; fetched: number }>(
    `select count(*)::int4 as people, count(*) filter (where fetched)::int4 as fetched
       from (select bool_and(exists (select from claim c where c.account = i.account and c.version = i.version and c.revealed_at is not null)) as fetched
               from item i join account a on a.key = i.account
              where i.run = $1::int8 and a.kind = 'human' and a.gone_at is null and i.version is not null and i.applied_at is not null
                and i.state not in ('failed', 'rolled-back', 'in-doubt') and coalesce(a.identity, a.owner) is not null and ${ownAccount('$2')}
              group by coalesce(a.identity, a.owner)) t`,
    [run, own],
  );
  return row ?? { people: 0, fetched: 0 };
}

export async function estateNow(
  sql: Sql,
  own: string | null,
): Promise<{ systems: number; accounts: number; discovered: number; plans: number; runs: number; exposedLeft: number }> {
  const [row] = await sql.query<{
    systems: number;
    accounts: number;
    discovered: number;
    plans: number;
    runs: number;
    exposedLeft: number;
  }>(
    `select (select count(*)::int4 from system where role = 'system') as systems,
            (select count(*)::int4 from account a where gone_at is null and ${ownAccount('$1')}) as accounts,
            (select count(*)::int4 from discovery where ended_at is not null) as discovered,
            (select count(*)::int4 from plan) as plans, (select count(*)::int4 from run) as runs,
            (select count(*)::int4 from account a where gone_at is null and exposed and version = 0 and ${ownAccount('$1')}) as "exposedLeft"`,
    [own],
  );
  return row ?? { systems: 0, accounts: 0, discovered: 0, plans: 0, runs: 0, exposedLeft: 0 };
}
