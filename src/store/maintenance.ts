// What an embedded PostgreSQL lacks: it checkpoints, so the WAL stays near 128 MB, and vacuums and analyzes what changed, while busy.
import type { Pool } from 'pg';
import { borrow } from './borrow.ts';

/** A checkpoint took 76–111 ms under full load; less WAL than this is not worth one. */
const checkpointBytes = 16 * 1024 * 1024;
/** PostgreSQL's own autovacuum thresholds, with a floor that leaves small tables alone. */
const overdue = `select format('%I.%I', schemaname, relname) as name,
    n_dead_tup > 1000 + 0.2 * n_live_tup or n_ins_since_vacuum > 10000 + 0.2 * n_live_tup as vacuum
  from pg_stat_user_tables
  where n_dead_tup > 1000 + 0.2 * n_live_tup or n_ins_since_vacuum > 10000 + 0.2 * n_live_tup
    or n_mod_since_analyze > 1000 + 0.1 * n_live_tup
  order by n_dead_tup desc`;

export function startMaintenance(pool: Pool, statements: () => number, everyMs = 5_000): { stop(): Promise<void> } {
  let seen = statements();
  let lastLsn: string | undefined;
  let failures = 0;
  let running: Promise<void> = Promise.resolve();
  let busy = false;

  // Each statement asks the pool anew: others get their turn between two of them, and none runs inside somebody's transaction.
  const rows = async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
    (
      await borrow(
        pool,
        (error) => error,
        (loan) => loan.query({ text, values }),
      )
    ).rows;

  async function round(): Promise<void> {
    lastLsn ??= '0/0';
    const [wal] = await rows('select pg_current_wal_insert_lsn()::text as lsn, pg_current_wal_insert_lsn() - $1::pg_lsn as bytes', [
      lastLsn,
    ]);
    if (Number(wal?.bytes) > checkpointBytes) {
      await rows('checkpoint');
      lastLsn = String(wal?.lsn);
    }
    await rows('select pg_stat_force_next_flush()');
    for (const { name, vacuum } of await rows(overdue)) await rows(vacuum ? `vacuum (analyze) ${name}` : `analyze ${name}`);
  }

  const timer = setInterval(() => {
    if (busy || statements() === seen) return;
    seen = statements();
    busy = true;
    running = round()
      .then(() => {
        failures = 0;
      })
      .catch((error: Error) => {
        // One may fail when the store closes. Three in a row let the WAL grow: say so.
        if (++failures === 3)
          process.emitWarning(`The embedded store cannot be maintained: ${error.message}`, { code: 'REKEY_STORE_MAINTENANCE' });
      })
      .finally(() => {
        busy = false;
      });
  }, everyMs);
  timer.unref();

  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
