// The Store over any pg.Pool, embedded or served: prepared statements by name, transactions by async flow.
import { createHash } from 'node:crypto';
import type { Pool, QueryConfig, QueryResult } from 'pg';
import { borrow, type Explain } from './borrow.ts';
import { driverProblem } from './driver-problem.ts';
import type { Sql, Store } from './sql.ts';
import { transactions } from './transaction.ts';

export type PoolStore = {
  readonly kind: Store['kind'];
  readonly flushes: number;
  readonly pool: Pool;
  /** Absent where there is one connection only. */
  readonly freshPool?: Pool;
  readonly onStatement?: () => void;
  /** Turns a driver's error into what the caller sees. */
  readonly explain?: Explain;
  close(): Promise<void>;
};

export function poolStore(parts: PoolStore): Store {
  const explain = parts.explain ?? driverProblem;
  const { run, inside, transaction } = transactions(parts.pool, explain);
  const query = async <Row>(text: string, params: readonly unknown[] = []): Promise<Row[]> => {
    parts.onStatement?.();
    return rowsOf<Row>(await run(named(text, params)));
  };
  const sql: Sql = { query };
  let closing: Promise<void> | undefined;
  return {
    kind: parts.kind,
    flushes: parts.flushes,
    query,
    transaction: (work) => transaction(() => work(sql)),
    fresh: {
      async query<Row>(text: string, params: readonly unknown[] = []): Promise<Row[]> {
        // It could not see what its own flow has not committed, and embedded it would wait for itself.
        if (inside()) throw new Error('fresh reads what is committed: call it after the transaction');
        if (!parts.freshPool) return query<Row>(text, params);
        return rowsOf<Row>(await borrow(parts.freshPool, explain, (loan) => loan.query(named(text, params))));
      },
    },
    async executeSql(text, values = []) {
      parts.onStatement?.();
      return await run({ text, values });
    },
    close: () => (closing ??= parts.close()),
  };
}

/** A prepared statement lives as long as its connection: texts built at run time beyond this many are not prepared. */
const mostNames = 500;
const names = new Map<string, string>();

function named(text: string, params: readonly unknown[]): QueryConfig {
  if (params.length === 0) return { text };
  const values = params as unknown[]; // the driver's type says mutable; it only reads
  let name = names.get(text);
  if (name === undefined && names.size < mostNames) {
    name = `q${createHash('sha256').update(text).digest('hex').slice(0, 15)}`;
    names.set(text, name);
  }
  return name === undefined ? { text, values } : { text, values, name };
}

/** Several statements without parameters come back as a list: the last one's rows count. */
function rowsOf<Row>(result: QueryResult | QueryResult[]): Row[] {
  const last = Array.isArray(result) ? result.at(-1) : result;
  return (last?.rows ?? []) as Row[]; // the caller names the row type of its own SQL
}
