// Runs, waves and lanes as rows: starting from a stored plan, locking for the reconciler, steering, opening items again.
import { entryLine } from '../domain/entry.ts';
import type { ItemState } from '../domain/item.ts';
import type { LaneState, RunState, WaveState } from '../domain/run.ts';
import type { RunSnapshot, RunStore, RunTally, SystemResult, WaveSnapshot } from '../execute/run-port.ts';
import type { Store } from './sql.ts';

/** A lane whose holder has not been heard of for this long may be sent again; pg-boss hands a dead worker's job over after 10 s. */
const staleAfter = '15 seconds';

/** Went wrong after something was begun: not what a halted system left untouched. */
const bad = `(i.state in ('failed', 'in-doubt') and not i.open or not i.open and i.state in ('sent', 'applied', 'propagated', 'revoked', 'proved'))`;

export function runStore(store: Store): RunStore {
  return {
    transaction: (work) => store.transaction(() => work()),

    runOf: async (plan) => {
      const [row] = await store.query<{ id: string }>(`select id from run where plan = $1 order by key limit 1`, [plan]);
      return row?.id;
    },

    rival: async (plan) => {
      const [row] = await store.query<{ id: string }>(
        `select r.id from plan_item p join item i on i.account = p.account and i.open join run r on r.key = i.run
          where p.plan = $1 and p.action = 'rotate' and r.state in ('running', 'paused') limit 1`,
        [plan],
      );
      return row?.id;
    },

    insert: async (run) => {
      const [inserted] = await store.query<{ key: string }>(
        `insert into run(id, plan, plan_hash, mode, rollback, data_key, started_by) values ($1, $2, $3, $4, $5::bool, $6::int8, $7) returning key::text as key`,
        [run.id, run.plan, run.planHash, run.mode, run.rollback, run.dataKey, run.startedBy],
      );
      const key = inserted?.key;
      await store.query(`insert into log(name) values ($1)`, [run.id]);
      await store.query(
        `insert into entry(log, line) select l.key, t.line from log l, unnest($2::text[]) with ordinality t(line, n) where l.name = $1 order by t.n`,
        [run.id, run.lines],
      );
      await store.query(
        `insert into wave(run, n, name, mode, state) select $1::int8, (w->>'n')::int2, w->>'name', w->>'mode', 'waiting'
           from plan p, json_array_elements(p.header::json->'waves') w where p.id = $2`,
        [key, run.plan],
      );
      // Accounts the plan blocked or skipped have items too: every request ends in a state with a reason. They hang on wave 0.
      await store.query(
        `insert into wave(run, n, name, mode, state) values ($1::int8, 0, 'canary', $2, 'waiting') on conflict do nothing`,
        [key, run.mode],
      );
      await store.query(
        `insert into lane(run, wave, system) select distinct $1::int8, case when action in ('rotate', 'by-hand') then wave else 0 end, system from plan_item where plan = $2`,
        [key, run.plan],
      );
      await store.query(
        `insert into item(run, lane, wave, account, canary, generations, person, sync, state, open, error)
         select $1::int8, l.key, l.wave, p.account, p.canary, coalesce(j.line->>'strategy' = 'generations', false), j.line->>'person', j.line->>'sync',
                case when p.action in ('rotate', 'contain') then 'planned' when p.action = 'by-hand' then 'by-hand' else 'excluded' end,
                p.action in ('rotate', 'contain'), coalesce(j.line->>'reason', 'waits for its owner''s signature: ' || (j.line->>'byHand'))
           from plan_item p cross join lateral (select p.line::json as line offset 0) j
           join lane l on l.run = $1::int8 and l.system = p.system and l.wave = case when p.action in ('rotate', 'by-hand') then p.wave else 0 end
          where p.plan = $2 order by p.seq`,
        [key, run.plan],
      );
    },

    lock: (run) => lock(store, run),

    tally: (runKey) => tally(store, runKey),

    setRun: async (run, state, halt, line) => {
      await store.query(
        `with r as (update run set state = $2, halt = $3::jsonb, ended_at = case when $2 in ('running', 'paused') then null else now() end where id = $1 returning id)
         insert into entry(log, line) select l.key, $4 from log l join r on r.id = l.name`,
        [run, state, halt === null ? null : JSON.stringify(halt), line],
      );
    },

    setWave: async (runKey, n, state, reason, line) => {
      await store.query(
        `with w as (update wave set state = $3, reason = $4, started_at = case when $3 = 'running' then coalesce(started_at, now()) else started_at end,
                      ended_at = case when $3 = 'done' then now() end where run = $1::int8 and n = $2::int2 returning run)
         insert into entry(log, line) select l.key, $5 from w join run r on r.key = w.run join log l on l.name = r.id where $5::text is not null`,
        [runKey, n, state, reason, line ?? null],
      );
    },

    release: async (runKey) => {
      await store.query(`update wave set gate = gate || '{"released": true}', reason = null where run = $1::int8 and state = 'waiting'`, [
        runKey,
      ]);
    },

    startLanes: async (runKey, wave) => {
      await store.query(
        `update lane l set state = case when exists (select 1 from item i where i.lane = l.key and i.open) then 'running' else 'done' end, beat_at = null
          where run = $1::int8 and wave = $2::int2 and state in ('waiting', 'running', 'halted')`,
        [runKey, wave],
      );
    },

    haltLane: async (lane, reason, log) => {
      await store.query(`update lane set state = 'halted', reason = $2, epoch = epoch + 1 where key = $1::int8`, [lane, reason]);
      await park(store, `i.lane = $1::int8`, lane, { reason, log });
    },

    parkAll: (runKey, reason, log) => park(store, `i.run = $1::int8`, runKey, { reason, log }),

    reopen: (run, states, by) => reopen(store, run, { states, by }),

    reopenDue: async (now) => {
      const line = (from: ItemState, to: ItemState, why: string): string =>
        entryLine('item', now, { item: '@item', account: '@account', from, to, why });
      const residual = await reopenWhere(store, now, {
        due: `i.residual_until <= $1::timestamptz and i.state = 'residual'`,
        set: `state = 'propagated', residual_until = null, residual_why = null`,
        line: line('residual', 'propagated', 'its clock ran out'),
      });
      const again = await reopenWhere(store, now, {
        due: `i.reproof_at <= $1::timestamptz and i.state = 'complete'`,
        set: `state = 'revoked', reproof_at = null, reproofs = i.reproofs + 1`,
        line: line('complete', 'revoked', 'proved again'),
      });
      return [...new Set([...residual, ...again])];
    },

    running: async () => (await store.query<{ id: string }>(`select id from run where state = 'running' order by key`)).map((r) => r.id),

    forgetHolders: async () => {
      await store.query(`update lane set beat_at = null, owner = null where state = 'running'`);
    },

    ownerOfConsumer: async (run, owner) => {
      const rows = await store.query(
        `select 1 from run r join item i on i.run = r.key join consumer c on c.account = i.account join account a on a.key = i.account
          where r.id = $1 and ($2 in (c.owner, a.owner)) limit 1`,
        [run, owner],
      );
      return rows.length > 0;
    },
  };
}

/** Opens items whose time has come, with a line for each, and sets their runs going. */
async function reopenWhere(store: Store, now: Date, what: { due: string; set: string; line: string }): Promise<string[]> {
  const rows = await store.query<{ id: string }>(
    `with due as (update item i set ${what.set}, open = true, updated_at = now()
        where ${what.due} and exists (select 1 from run r where r.key = i.run and r.state not in ('aborted', 'paused')) returning i.key, i.run, i.lane, i.wave, i.account),
      e as (insert into entry(log, line) select l.key, replace(replace($2, '"@item"', to_json(a.system || '/' || a.id)::text), '"@account"', to_json(a.name)::text)
         from due join run r on r.key = due.run join log l on l.name = r.id join account a on a.key = due.account),
      lanes as (update lane set state = 'waiting', reason = null, beat_at = null from due where lane.key = due.lane),
      waves as (update wave set state = 'waiting' from due where wave.run = due.run and wave.n = due.wave)
     update run r set state = 'running', ended_at = null from due where r.key = due.run returning r.id`,
    [now, what.line],
  );
  return rows.map((r) => r.id);
}

async function lock(store: Store, run: string): Promise<RunSnapshot | undefined> {
  const [row] = await store.query<{ key: string; id: string; state: RunState; log: number }>(
    `select r.key::text as key, r.id, r.state, l.key as log from run r join log l on l.name = r.id where r.id = $1 for update of r`,
    [run],
  );
  if (row === undefined) return undefined;
  const lanes = await store.query<{
    n: number;
    name: string;
    wave_state: WaveState;
    released: boolean;
    lane: string | null;
    system: string;
    state: LaneState;
    stale: boolean;
    open: number;
  }>(
    `select w.n, w.name, w.state as wave_state, w.gate ? 'released' as released, l.key::text as lane, l.system, l.state, (l.beat_at is null or l.beat_at < now() - $2::interval) as stale,
            (select count(*)::int from (select 1 from item i where i.lane = l.key and i.open limit 1) o) as open
       from wave w left join lane l on l.run = w.run and l.wave = w.n where w.run = $1::int8 order by w.n, l.key`,
    [row.key, staleAfter],
  );
  const waves = new Map<number, WaveSnapshot>();
  for (const l of lanes) {
    const wave = waves.get(l.n) ?? { n: l.n, name: l.name, state: l.wave_state, released: l.released, lanes: [] };
    waves.set(
      l.n,
      l.lane === null
        ? wave
        : { ...wave, lanes: [...wave.lanes, { lane: l.lane, system: l.system, state: l.state, stale: l.stale, open: l.open }] },
    );
  }
  return { ...row, waves: [...waves.values()] };
}

async function tally(store: Store, runKey: string): Promise<RunTally> {
  const counts = await store.query<{ state: ItemState; n: number }>(
    `select state, count(*)::int as n from item where run = $1::int8 group by state`,
    [runKey],
  );
  const first = await store.query<SystemResult>(
    `select l.system, count(*)::int as items, count(*) filter (where ${bad})::int as bad,
            count(*) filter (where i.canary and i.state not in ('complete', 'residual'))::int as "canaryBad"
       from item i join lane l on l.key = i.lane where i.run = $1::int8 and i.wave = 0 and i.state <> 'excluded' group by l.system`,
    [runKey],
  );
  const [worse] = await store.query<{ n: number }>(`select count(*)::int as n from item i where i.run = $1::int8 and ${bad}`, [runKey]);
  return { counts: Object.fromEntries(counts.map((c) => [c.state, c.n])), first, bad: worse?.n ?? 0 };
}

/** The line of each parked item is made in the store: a run may park a million at once. */
async function park(store: Store, where: string, key: string, what: { reason: string; log: number }): Promise<void> {
  const template = entryLine('item', new Date(), { item: '@item', account: '@account', parked: '@state', error: what.reason });
  await store.query(
    `with u as (update item i set open = false, error = $2, updated_at = now() where ${where} and i.open returning i.account, i.state)
     insert into entry(log, line) select $3::int4, replace(replace(replace($4, '"@item"', to_json(a.system || '/' || a.id)::text), '"@account"', to_json(a.name)::text), '"@state"', to_json(u.state)::text)
       from u join account a on a.key = u.account`,
    [key, what.reason, what.log, template],
  );
}

async function reopen(store: Store, run: string, asked: { states: readonly string[]; by: string }): Promise<number> {
  const restart = ['failed', 'rolled-back', 'contained'];
  const template = entryLine('item', new Date(), { item: '@item', account: '@account', from: '@was', to: '@is', by: asked.by });
  const rows = await store.query<{ n: number }>(
    `with picked as (select i.key, i.lane, i.run, i.wave, i.account, i.state as was, case when i.state = any($3::text[]) then 'planned'
             when i.state in ('propagated', 'revoked', 'proved') and exists (select 1 from item_consumer k where k.item = i.key and k.state = 'failed') then 'applied'
             else i.state end as becomes,
             -- When all accounts of a person begin anew, none holds the shared value, and a value that was refused once is not made again.
             i.sync is not null and i.state = any($3::text[]) and not exists (select from item o where o.run = i.run and o.person = i.person and o.sync = i.sync
               and (o.open or not (o.state = any($3::text[]) and o.state = any($2::text[])))) as anew
        from item i join run r on r.key = i.run
       where r.id = $1 and not i.open and i.state not in ('complete', 'residual', 'excluded', 'by-hand', 'signed')
         and (i.state = any($2::text[]) or 'parked' = any($2::text[]) and not i.state = any($3::text[]))),
      u as (update item i set open = true, state = p.becomes, reproofs = case when p.becomes = 'planned' then 0 else i.reproofs end, retired_at = case when p.becomes <> 'planned' then i.retired_at end, attempt = i.attempt + 1, sync_attempt = case when p.anew then i.sync_attempt + 1 else i.sync_attempt end, error = null, updated_at = now() from picked p where i.key = p.key),
      c as (delete from item_consumer ic using picked p where ic.item = p.key and (ic.state = 'failed' or p.becomes = 'planned')),
      l as (update lane set state = 'waiting', reason = null, owner = null, beat_at = null, epoch = epoch + 1 where key in (select lane from picked)),
      w as (update wave set state = 'waiting', reason = null from (select distinct run, wave from picked) p where wave.run = p.run and wave.n = p.wave),
      e as (insert into entry(log, line) select l.key, replace(replace(replace(replace($4, '"@item"', to_json(a.system || '/' || a.id)::text), '"@account"', to_json(a.name)::text),
              '"@was"', to_json(p.was)::text), '"@is"', to_json(p.becomes)::text) from picked p join account a on a.key = p.account join log l on l.name = $1)
     select count(*)::int as n from picked`,
    [run, asked.states, restart, template],
  );
  return rows[0]?.n ?? 0;
}
