// One transaction per async flow: every statement of that flow, also a library's, joins it; a failed one never reaches COMMIT unseen.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Pool, QueryConfig, QueryResult } from 'pg';
import { Problem } from '../domain/problem.ts';
import { borrow, type Explain, type Loan } from './borrow.ts';

/** `open` turns false at the end: work somebody left running in the background then goes to the pool, not into a foreign transaction. */
type Scope = { open: boolean; failure: { readonly error: unknown } | undefined; tail: Promise<unknown>; readonly loan: Loan };

export type Transactions = {
  run(statement: QueryConfig): Promise<QueryResult>;
  inside(): boolean;
  transaction<T>(work: () => Promise<T>): Promise<T>;
};

export function transactions(pool: Pool, explain: Explain): Transactions {
  const flow = new AsyncLocalStorage<Scope>();
  const current = (): Scope | undefined => {
    const scope = flow.getStore();
    return scope?.open ? scope : undefined;
  };

  function run(statement: QueryConfig): Promise<QueryResult> {
    const scope = current();
    if (!scope) return borrow(pool, explain, (loan) => loan.query(statement));
    // One at a time: from version 9 on the driver does not queue for us.
    const result = scope.tail.then(() => scope.loan.query(statement));
    scope.tail = result.catch(() => undefined);
    return result;
  }

  async function transaction<T>(work: () => Promise<T>): Promise<T> {
    const outer = current();
    if (outer) {
      // A failed part fails the whole: swallowing the error outside must not commit half of it.
      return await work().catch((error: unknown) => {
        outer.failure ??= { error };
        throw error;
      });
    }
    return await borrow(pool, explain, async (loan) => {
      const scope: Scope = { open: true, failure: undefined, tail: Promise.resolve(), loan };
      await loan.query({ text: 'begin' });
      try {
        const value = await flow.run(scope, work);
        await settle(scope);
        if (scope.failure) throw scope.failure.error;
        await commit(loan);
        return value;
      } catch (error) {
        await settle(scope);
        // A rollback that fails leaves the connection in an unknown state: it is not lent again.
        if (!loan.lost) await loan.query({ text: 'rollback' }).catch((failed: Error) => (loan.lost ??= failed));
        throw error;
      }
    });
  }

  return { run, inside: () => current() !== undefined, transaction };
}

async function settle(scope: Scope): Promise<void> {
  scope.open = false;
  await scope.tail;
}

async function commit(loan: Loan): Promise<void> {
  const result = await loan.query({ text: 'commit' }).catch((error: unknown) => {
    if (!loan.lost) throw error;
    throw new Problem('internal', {
      message: 'The database connection was lost during COMMIT: the transaction may or may not be stored.',
      hint: 'Run the same command again; it reads what is stored first.',
    });
  });
  // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error.
  if (result.command === 'ROLLBACK')
    throw new Problem('internal', { message: 'A statement of the transaction failed and its error was swallowed: nothing was stored.' });
}
