// Counts of what a plan touches, by system, tier and store; single accounts and consumers only where they were asked for.
import { accountId, consumerId, groupId, storeId } from '../domain/graph-id.ts';
import type { GraphEdge } from '../domain/graph-view.ts';
import type { GraphAccount, GraphConsumer, GraphGroup, GraphStore, GraphStoreCount } from '../plan/graph-port.ts';
import type { Sql } from './sql.ts';

/** What a plan leaves alone is not what it touches. */
const touched = `plan_item p join account a on a.key = p.account where p.plan = $1 and p.action <> 'skip'`;
const used = `plan_item p join consumer c on c.account = p.account where p.plan = $1 and p.action <> 'skip'`;

export function graphStore(sql: Sql): GraphStore {
  return {
    groups: (plan) =>
      sql.query<GraphGroup>(
        `select a.system, a.tier::int4 as tier, count(*)::int4 as count, (count(*) filter (where p.action = 'blocked'))::int4 as blocked
           from ${touched} group by 1, 2 order by 2, 3 desc, 1`,
        [plan],
      ),
    stores: (plan) =>
      sql.query<GraphStoreCount>(
        `select store, count(*)::int4 as count, (count(*) filter (where unknown))::int4 as unknown
           from (select c.store, c.consumer, bool_or(c.state = 'unknown') as unknown from ${used} group by 1, 2) each group by 1 order by 2 desc, 1`,
        [plan],
      ),
    accounts: (plan, system, tier, limit) =>
      sql.query<GraphAccount>(
        `select a.key::text as key, a.name, a.system, a.tier::int4 as tier, p.action = 'blocked' as blocked
           from ${touched} and a.system = $2 and ($3::int2 is null or a.tier = $3) order by p.action = 'blocked' desc, a.name, a.key limit $4::int4`,
        [plan, system, tier, limit],
      ),
    consumers: (plan, store, limit) =>
      sql.query<GraphConsumer>(
        `select c.consumer, c.store, bool_or(c.state = 'unknown') as unknown
           from ${used} and c.store = $2 group by 1, 2 order by 3 desc, 1 limit $3::int4`,
        [plan, store, limit],
      ),
    edges: async (plan, fold, accounts, consumers) => {
      const rows = await sql.query<{
        account: string | null;
        system: string | null;
        tier: number;
        consumer: string | null;
        store: string | null;
        count: number;
      }>(
        `select sa.key::text as account, case when a.system = any($5::text[]) then a.system end as system,
                (case when $6::bool then a.tier else 0 end)::int4 as tier, sc.consumer, case when c.store = any($7::text[]) then c.store end as store,
                count(*)::int4 as count
           from plan_item p join account a on a.key = p.account join consumer c on c.account = a.key
           left join unnest($2::int8[]) sa(key) on sa.key = a.key
           left join unnest($3::text[], $4::text[]) sc(consumer, store) on sc.consumer = c.consumer and sc.store = c.store
          where p.plan = $1 and p.action <> 'skip' group by 1, 2, 3, 4, 5 order by 6 desc limit $8::int4`,
        [
          plan,
          accounts.map((a) => a.key),
          consumers.map((c) => c.consumer),
          consumers.map((c) => c.store),
          fold.systems,
          fold.perTier,
          fold.stores,
          mostEdges,
        ],
      );
      return rows.map(
        (row): GraphEdge => ({
          from:
            row.account !== null
              ? accountId({ key: row.account })
              : row.system === null
                ? 'g:*'
                : groupId({ system: row.system, tier: row.tier }, fold),
          to:
            row.store === null
              ? 'c:*'
              : row.consumer !== null
                ? consumerId({ consumer: row.consumer, store: row.store })
                : storeId(row.store),
          count: row.count,
        }),
      );
    },
  };
}

/** Between 300 nodes there are rarely more; the strongest are kept. */
const mostEdges = 2000;
