// Exceptions as rows: written together with their log line and with the item they let go on.
import type { ExceptionStore } from '../execute/run-port.ts';
import type { Store } from './sql.ts';

export function exceptionStore(store: Store): ExceptionStore {
  return {
    accept: async (row) => {
      const rows = await store.query<{ item: string }>(
        `with picked as (select i.key, i.lane, i.run, i.wave, i.state, a.system || '/' || a.id as item, a.name from item i join run r on r.key = i.run join account a on a.key = i.account
            where r.id = $2 and a.system = $3 and ($4 in (a.name, a.id, a.login)) and not i.open and i.state not in ('complete', 'excluded', 'contained', 'failed', 'rolled-back', 'sent', 'in-doubt', 'by-hand', 'signed')),
          x as (insert into exception(id, run, item, path, owner, reason, expires_at) select $1, run, key, $5, $6, $7, $8::timestamptz from picked),
          i as (update item set open = true, error = null, residual_until = null, residual_why = null, updated_at = now(),
                  state = case when picked.state = 'residual' then 'propagated' else picked.state end from picked where item.key = picked.key),
          l as (update lane set state = 'waiting', reason = null, owner = null, beat_at = null from picked where lane.key = picked.lane),
          w as (update wave set state = 'waiting', reason = null from picked where wave.run = picked.run and wave.n = picked.wave),
          r as (update run set state = 'running', ended_at = null from picked where run.key = picked.run),
          e as (insert into entry(log, line) select log.key, l.line from log, picked,
                  unnest(case when picked.state = 'residual'
                    then array[$9, replace(replace($10, '"@item"', to_json(picked.item)::text), '"@account"', to_json(picked.name)::text)] else array[$9] end)
                    with ordinality l(line, n) where log.name = $2 order by l.n)
         select key::text as item from picked`,
        [row.id, row.run, row.system, row.account, row.path, row.owner, row.reason, row.expiresAt, row.line, row.moved],
      );
      return rows.length > 0;
    },
  };
}
