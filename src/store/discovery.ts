// Pages of accounts into the inventory. The cursor commits with the rows before it; only a discovery that saw everything says what is gone.
import type { Discoveries, FoundRow } from '../inventory/port.ts';
import { ownersOf } from './owners-of.ts';
import type { Store } from './sql.ts';

/** What was seen longer ago may have vanished since: then the reading begins again. */
const goesOnFor = "interval '24 hours'";

export function discoveryStore(store: Store): Discoveries {
  return {
    begin: async (system) => {
      // One microsecond past the latest sighting: a clock set back between two discoveries must not hide who is gone.
      const [row] = await store.query<{ cursor: string | null; found: string }>(
        `insert into discovery as d (system, cursor, started_at, ended_at, found)
         values ($1, null, greatest(clock_timestamp(), (select max(seen_at) + interval '1 microsecond' from account where system = $1)), null, 0)
         on conflict (system) do update set
           cursor = case when d.ended_at is null and d.started_at > now() - ${goesOnFor} then d.cursor end,
           found = case when d.ended_at is null and d.started_at > now() - ${goesOnFor} then d.found else 0 end,
           started_at = case when d.ended_at is null and d.started_at > now() - ${goesOnFor} then d.started_at else excluded.started_at end,
           ended_at = null
         returning cursor, found`,
        [system],
      );
      return { cursor: row?.cursor ?? null, found: Number(row?.found ?? 0) };
    },
    rewind: async (system) => {
      await store.query(`update discovery set cursor = null, found = 0 where system = $1`, [system]);
    },
    page: (system, rows, cursor) =>
      store.transaction(async (sql) => {
        await sql.query(upsert, [system, ...columns(rows)]);
        await sql.query(`update discovery set cursor = $2, found = found + $3::int8 where system = $1`, [system, cursor, rows.length]);
      }),
    unseen: async (system) => {
      const [row] = await store.query<{ unseen: string; seen: string }>(
        `select count(*) filter (where a.seen_at < d.started_at) as unseen, count(*) filter (where a.seen_at >= d.started_at) as seen
           from account a join discovery d on d.system = a.system where a.system = $1 and a.gone_at is null`,
        [system],
      );
      return { unseen: Number(row?.unseen ?? 0), seen: Number(row?.seen ?? 0) };
    },
    policy: async (system, policy) => {
      await store.query(`update system set policy = $2::jsonb, policy_at = now() where id = $1`, [system, JSON.stringify(policy)]);
    },
    finish: (system, sweep) =>
      store.transaction(async (sql) => {
        const [row] = await sql.query<{ gone: string }>(
          `with gone as (update account a set gone_at = now() from discovery d
             where $2::bool and d.system = $1 and a.system = $1 and a.gone_at is null and a.seen_at < d.started_at returning 1)
           select count(*) as gone from gone`,
          [system, sweep],
        );
        await sql.query(`update discovery set ended_at = now(), cursor = null where system = $1`, [system]);
        await sql.query(`update system set seen_at = now() where id = $1`, [system]);
        return Number(row?.gone ?? 0);
      }),
  };
}

const declared = "((a.declared - 'hint') || excluded.declared)";
const upsert = `insert into account as a (system, id, name, locator, login, kind, managed, shared, privileged, enabled, changed_at, facts, declared, tier, owners, seen_at)
  select s.id, f.id, f.name, f.locator, f.login, f.kind, f.managed, f.shared, f.privileged, f.enabled, f.changed_at, f.facts::jsonb,
    case when f.hint is null then '{}'::jsonb else jsonb_build_object('hint', f.hint) end, s.tier,
    case when f.hint is not null then array[f.hint] when s.owner is not null then array[s.owner] else '{}' end,
    greatest(clock_timestamp(), d.started_at)
  from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bool[], $9::bool[], $10::bool[], $11::text[], $12::timestamptz[], $13::text[])
    f(id, name, locator, login, kind, managed, shared, privileged, enabled, hint, changed_at, facts), system s join discovery d on d.system = s.id
  where s.id = $1
  on conflict (system, id) do update set name = excluded.name, locator = excluded.locator, login = excluded.login,
    kind = coalesce(a.declared->>'kind', excluded.kind), managed = excluded.managed,
    shared = case when a.declared ? 'kind' then a.declared->>'kind' = 'shared' else excluded.shared end,
    privileged = excluded.privileged, enabled = excluded.enabled, changed_at = excluded.changed_at, facts = excluded.facts,
    declared = ${declared}, owners = ${ownersOf(declared, '(select s.owner from system s where s.id = a.system)')},
    seen_at = excluded.seen_at, gone_at = null`;

function columns(rows: readonly FoundRow[]): unknown[] {
  return [
    rows.map((r) => r.id),
    rows.map((r) => r.name),
    rows.map((r) => r.locator),
    rows.map((r) => r.login),
    rows.map((r) => r.kind),
    rows.map((r) => r.managed),
    rows.map((r) => r.shared),
    rows.map((r) => r.privileged),
    rows.map((r) => r.enabled),
    rows.map((r) => r.hint),
    rows.map((r) => r.changedAt),
    rows.map((r) => storable(JSON.stringify(r.facts))),
  ];
}

/** jsonb takes neither NUL nor half of a surrogate pair. */
const storable = (json: string): string => json.replaceAll(/\\u(?:0000|d[89a-f][0-9a-f]{2})/gi, '\\ufffd');
