// One transaction per async flow: every statement of that flow, also a library's, joins it; a failed one never reaches COMMIT unseen.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg';
import { Problem } from '../domain/problem.ts';
import { driverProblem, isConnectionLost } from './driver-problem.ts';

export type Runner = (statement: QueryConfig) => Promise<QueryResult>;

/** `open` turns false at the end: work somebody left running in the background then goes to the pool, not into a foreign transaction. */
type Scope = { open: boolean; failure: unknown; tail: Promise<unknown>; readonly client: PoolClient };

export type Transactions = { readonly run: Runner; readonly inside: () => boolean; transaction<T>(work: () => Promise<T>): Promise<T> };

export function transactions(pool: Pool): Transactions {
  const flow = new AsyncLocalStorage<Scope>();
  const current = (): Scope | undefined => {
    const scope = flow.getStore();
    return scope?.open ? scope : undefined;
  };

  const run: Runner = (statement) => {
    const scope = current();
    if (!scope) return pool.query(statement).catch(rethrow);
    // One at a time: the driver has no promise to queue for us from version 9 on.
    const result = scope.tail.then(() => scope.client.query(statement).catch(rethrow));
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
    let lost: Error | undefined;
    const onError = (error: Error): void => {
      lost = error;
    };
    client.on('error', onError);
    const scope: Scope = { open: true, failure: undefined, tail: Promise.resolve(), client };
    let broken: Error | undefined;
    try {
      await client.query('begin').catch(rethrow);
      const value = await flow.run(scope, work);
      await settle(scope);
      if (scope.failure !== undefined) throw scope.failure;
      await commit(client);
      return value;
    } catch (error) {
      await settle(scope);
      if (lost || isConnectionLost(error)) broken = lost ?? new Error('connection lost');
      else await client.query('rollback').catch((failed: Error) => (broken = failed));
      throw error;
    } finally {
      client.removeListener('error', onError);
      client.release(broken);
    }
  }

  return { run, inside: () => current() !== undefined, transaction };
}

async function settle(scope: Scope): Promise<void> {
  scope.open = false;
  await scope.tail;
}

async function commit(client: PoolClient): Promise<void> {
  const result = await client.query('commit').catch((error: unknown) => {
    if (!isConnectionLost(error)) throw error;
    throw new Problem('internal', {
      message: 'The database connection was lost during COMMIT: the transaction may or may not be stored.',
      hint: 'Run the same command again; it reads what is stored first.',
    });
  });
  // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error.
  if (result.command === 'ROLLBACK')
    throw new Problem('internal', { message: 'A statement of the transaction failed and its error was swallowed: nothing was stored.' });
}

function rethrow(error: unknown): never {
  throw driverProblem(error);
}
