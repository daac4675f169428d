// Lends one connection of a pool: it goes back after an SQL error, and is thrown away only when it is lost.
// The driver's own pool.query() throws it away at every SQL error, and its prepared statements with it.
import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg';
import { isConnectionLost } from './driver-problem.ts';

export type Loan = { readonly client: PoolClient; lost: Error | undefined; query(statement: QueryConfig): Promise<QueryResult> };
export type Explain = (error: unknown) => unknown;

export async function borrow<T>(pool: Pool, explain: Explain, use: (loan: Loan) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => Promise.reject(explain(error)));
  const loan: Loan = {
    client,
    lost: undefined,
    query: (statement) =>
      client.query(statement).catch((error: Error) => {
        if (isConnectionLost(error)) loan.lost = error;
        throw explain(error);
      }),
  };
  // The pool listens to idle clients only: without this a connection lost while in use ends the process.
  const onError = (error: Error): void => {
    loan.lost = error;
  };
  client.on('error', onError);
  try {
    return await use(loan);
  } finally {
    client.removeListener('error', onError);
    client.release(loan.lost);
  }
}
