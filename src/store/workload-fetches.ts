// What workloads fetched, and whether one has fetched the live value. A fetch and its audit entry are one transaction.
import type { FetchStore } from '../deliver/claim-port.ts';
import { appendEntries } from './evidence.ts';
import type { Store } from './sql.ts';

export function fetchStore(store: Store): FetchStore {
  return {
    async record({ account, version, workload, at }, lines) {
      await store.transaction(async (sql) => {
        await sql.query(
          `insert into workload_fetch as f (account, version, workload, first_at, last_at, times) values ($1::int8, $2::int4, $3, $4, $4, 1)
           on conflict (account, version, workload) do update set last_at = $4, times = f.times + 1`,
          [account, version, workload, at],
        );
        // Delivered, and shown as that: it is adopted when the target sees it.
        await sql.query(
          `update item_consumer ic set detail = 'delivered: fetched by its workload at ' || $4
             from consumer c, item i
            where ic.consumer = c.key and ic.item = i.key and c.account = $1::int8 and c.store = 'workload' and c.ref = $3
              and i.account = c.account and i.version = $2::int4 and ic.state = 'updated'`,
          [account, version, workload, at.toISOString()],
        );
        await appendEntries(sql, 'estate', lines);
      });
      // `fresh` refuses inside a transaction: an audit entry that an outer transaction could still roll back is no audit entry.
      await store.fresh.query('select 1');
    },
  };
}

/** Whether the workload behind this row of consumers.csv has fetched what is live now. */
export async function hasFetched(store: Store, consumer: string): Promise<boolean> {
  const rows = await store.query(
    `select 1 from consumer c join secret s on s.account = c.account and s.origin = 'generated' and s.state = 'live'
       join workload_fetch f on f.account = c.account and f.version = s.version and f.workload = c.ref
      where c.key = $1::int8 limit 1`,
    [consumer],
  );
  return rows.length > 0;
}
