// Signatures under tasks by hand: written together with their cell, their lines and the item they close.
import type { ItemState } from '../domain/item.ts';
import type { SignOffStore } from '../execute/run-port.ts';
import type { Store } from './sql.ts';

type Row = {
  key: string;
  system: string;
  id: string;
  name: string;
  locator: string | null;
  state: ItemState;
  owner: string | null;
  planned: string | null;
  mark: string | null;
  planned_at: Date;
  planned_by: string;
};

export function signOffStore(store: Store): SignOffStore {
  return {
    find: async (run, system, account) => {
      const [row] = await store.query<Row>(
        `select i.key::text as key, a.system, a.id, a.name, a.locator, i.state, a.owner, x.line::json->>'owner' as planned, x.line::json->>'mark' as mark,
                p.created_at as planned_at, p.created_by as planned_by
           from run r join item i on i.run = r.key join account a on a.key = i.account join plan p on p.id = r.plan
           join plan_item x on x.plan = r.plan and x.account = a.key
          where r.id = $1 and a.system = $2 and $3 in (a.name, a.id, a.login) order by i.key limit 1`,
        [run, system, account],
      );
      if (row === undefined) return undefined;
      const owners = [row.owner, row.planned].filter((owner): owner is string => owner !== null);
      return {
        key: row.key,
        ref: { system: row.system, id: row.id, name: row.name, ...(row.locator === null ? {} : { locator: row.locator }) },
        state: row.state,
        owners: [...new Set(owners)],
        mark: row.mark,
        plannedAt: row.planned_at,
        plannedBy: row.planned_by,
      };
    },

    sign: async ({ id, item, run, owner, by, reason, cell, lines }) => {
      const rows = await store.query(
        `with i as (update item set state = 'signed', error = null, updated_at = now() where key = $1::int8 and state = 'by-hand' returning key, run),
          s as (insert into sign_off(id, run, item, owner, recorded_by, reason) select $2, run, key, $3, $4, $5 from i),
          c as (insert into cell(item, path, replica, verdict, level, code, at) select key, $6, $7, $8, $9, $10, $11::timestamptz from i
                  on conflict (item, path, replica) do update set verdict = excluded.verdict, level = excluded.level, code = excluded.code, at = excluded.at),
          r as (update run set state = 'running', ended_at = null from i where run.key = i.run and run.state in ('incomplete', 'residual')),
          e as (insert into entry(log, line) select log.key, l.line from i, log, unnest($12::text[]) with ordinality l(line, n) where log.name = $13 order by l.n)
         select 1 from i`,
        [item, id, owner, by, reason, cell.path, cell.replica, cell.verdict, cell.level, cell.code, cell.at, lines, run],
      );
      return rows.length > 0;
    },
  };
}
