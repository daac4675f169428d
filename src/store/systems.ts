// The systems of the estate as last read from its file, and what accounts take from them: tier and owner of last resort.
import type { SystemRow, Systems } from '../inventory/port.ts';
import { ownersOf } from './owners-of.ts';
import type { Store } from './sql.ts';

export function systemStore(store: Store): Systems {
  return {
    sync: (rows) =>
      store.transaction(async (sql) => {
        const changed = await sql.query<{ id: string }>(
          `insert into system as s (id, connector, role, tier, owner, spec, canary)
           select * from unnest($1::text[], $2::text[], $3::text[], $4::int2[], $5::text[], $6::text[], $7::text[])
           on conflict (id) do update set connector = excluded.connector, role = excluded.role, tier = excluded.tier, owner = excluded.owner,
             spec = excluded.spec, canary = excluded.canary
           where (s.connector, s.role, s.tier, s.owner, s.spec, s.canary)
             is distinct from (excluded.connector, excluded.role, excluded.tier, excluded.owner, excluded.spec, excluded.canary)
           returning s.id`,
          [
            rows.map((r) => r.id),
            rows.map((r) => r.connector),
            rows.map((r) => r.role),
            rows.map((r) => r.tier),
            rows.map((r) => r.owner),
            rows.map((r) => r.spec),
            rows.map((r) => r.canary),
          ],
        );
        await sql.query(`update system set role = 'removed' where role <> 'removed' and id <> all($1::text[])`, [rows.map((r) => r.id)]);
        if (changed.length === 0) return;
        await sql.query(
          `update account a set tier = n.tier, owners = n.owners
           from (select a.key, coalesce((a.declared->>'tier')::int2, s.tier) as tier, ${ownersOf('a.declared', 's.owner')} as owners
                   from account a join system s on s.id = a.system where s.id = any($1::text[])) n
           where a.key = n.key and (a.tier, a.owners) is distinct from (n.tier, n.owners)`,
          [changed.map((r) => r.id)],
        );
      }),
    counted: async (system, cells, logins) => {
      await store.query(`update system set pace = pace || $2::jsonb where id = $1`, [system, JSON.stringify({ cells, logins })]);
    },
    list: () => store.query<SystemRow>(`select id, connector, role, tier, owner, spec, canary from system order by id`),
  };
}
