// One transaction per async flow: every statement of that flow, also a library's, joins it; a failed one never reaches COMMIT unseen.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg';
import { Problem } from '../domain/problem.ts';
import { isConnectionLost } from './driver-problem.ts';

export type Runner = (statement: QueryConfig) => Promise<QueryResult>;

/** `open` turns false at the end: work somebody left running in the background then goes to the pool, not into a foreign transaction. */
type Scope = { open: boolean; failure: unknown; lost: Error | undefined; tail: Promise<unknown>; readonly client: PoolClient };

export type Transactions = { readonly run: Runner; readonly inside: () => boolean; transaction<T>(work: () => Promise<T>): Promise<T> };

export function transactions(pool: Pool, explain: (error: unknown) => unknown): Transactions {
  const rethrow = (error: unknown): never => {
    throw explain(error);
  };
  const flow = new AsyncLocalStorage<Scope>();
  const current = (): Scope | undefined => {
    const scope = flow.getStore();
    return scope?.open ? scope : undefined;
  };

  const run: Runner = (statement) => {
    const scope = current();
    if (!scope) return pool.query(statement).catch(rethrow);
    // One at a time: the driver has no promise to queue for us from version 9 on.
    const result = scope.tail.then(() => onClient(scope, statement));
    scope.tail = result.catch(() => undefined);
    return result;
  };

  async function transaction<T>(work: () => Promise<T>): Promise<T> {
    const outer = current();
    if (outer) {
      // A failed part fails the whole: swallowing the error outside must not commit half of it.
      return await work().catch((error: unknown) => {
        outer.failure ??= error;
        throw error;
      });
    }
    const client = await pool.connect().catch(rethrow);
    // A checked-out client has no listener of the pool's: without this one a lost connection ends the process.
    const scope: Scope = { open: true, failure: undefined, lost: undefined, tail: Promise.resolve(), client };
    const onError = (error: Error): void => {
      scope.lost = error;
    };
    client.on('error', onError);
    try {
      await onClient(scope, { text: 'begin' });
      const value = await flow.run(scope, work);
      await settle(scope);
      if (scope.failure !== undefined) throw scope.failure;
      await commit(scope);
      return value;
    } catch (error) {
      await settle(scope);
      if (!scope.lost) await onClient(scope, { text: 'rollback' }).catch((failed: Error) => (scope.lost ??= failed));
      throw error;
    } finally {
      client.removeListener('error', onError);
      client.release(scope.lost);
    }
  }

  function onClient(scope: Scope, statement: QueryConfig): Promise<QueryResult> {
    return scope.client.query(statement).catch((error: Error) => {
      if (isConnectionLost(error)) scope.lost = error;
      return rethrow(error);
    });
  }

  return { run, inside: () => current() !== undefined, transaction };
}

async function settle(scope: Scope): Promise<void> {
  scope.open = false;
  await scope.tail;
}

async function commit(scope: Scope): Promise<void> {
  const result = await scope.client.query('commit').catch((error: Error) => {
    if (!isConnectionLost(error)) throw error;
    scope.lost = error;
    throw new Problem('internal', {
      message: 'The database connection was lost during COMMIT: the transaction may or may not be stored.',
      hint: 'Run the same command again; it reads what is stored first.',
    });
  });
  // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error.
  if (result.command === 'ROLLBACK')
    throw new Problem('internal', { message: 'A statement of the transaction failed and its error was swallowed: nothing was stored.' });
}
