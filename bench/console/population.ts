// A run of any size in a store, written by the database itself: its accounts, items in every state, two cells and up to three consumers each.
import type pg from 'pg';
import type { Sql } from '../../src/store/sql.ts';
import { populate } from '../plan/population.ts';

export const runId = 'R-BENCH000';

/** Answers the key of the lane whose reason the bench changes. */
export async function populateRun(pool: pg.Pool, items: number): Promise<string> {
  const sql: Sql = {
    query: async <Row>(text: string, params: readonly unknown[] = []) => (await pool.query(text, [...params])).rows as Row[], // rows are whatever the statement selects
  };
  await populate(sql, 0, items);
  await sql.query(
    `insert into plan (id, name, hash, header, created_by, expires_at) values ('P-BENCH000', 'bench', '', '{}', 'bench', now() + interval '1 day')`,
  );
  await sql.query(
    `insert into run (id, plan, plan_hash, mode, data_key, started_by) values ($1, 'P-BENCH000', '', 'continuity', 1, 'bench')`,
    [runId],
  );
  await sql.query(
    `insert into wave (run, n, name, mode, state) select key, n, 'wave ' || n, 'continuity', 'running' from run, generate_series(0, 3) n`,
  );
  await sql.query(
    `insert into lane (run, wave, system, state) select r.key, w.n, s.id, 'running' from run r, wave w, system s where w.run = r.key`,
  );
  await sql.query(
    `insert into item (run, lane, wave, account, state, open, version, error)
     select l.run, l.key, l.wave, a.key, s.state, s.open, 1, case when s.state = 'failed' then 'the target refused it' end
       from account a join lane l on l.system = a.system and l.wave = a.tier,
            lateral (select case when a.key % 100 = 0 then 'failed' when a.key % 101 = 0 then 'in-doubt' when a.key % 3 = 0 then 'planned' else 'complete' end as state,
                            a.key % 3 = 0 and a.key % 100 <> 0 as open) s order by a.key`,
  );
  await sql.query(
    `insert into cell (item, path, replica, verdict, level, code, at)
     select key, 'bind', 'replica-' || n, 'proved', 'probed', '49', now() from item, generate_series(1, 2) n where state = 'complete'`,
  );
  for (const table of ['item', 'cell', 'lane', 'run']) await sql.query(`analyze ${table}`);
  const [lane] = await sql.query<{ key: string }>('select min(key)::text as key from lane');
  if (lane === undefined) throw new Error('the run has no lane');
  return lane.key;
}
