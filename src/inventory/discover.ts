// Reads the accounts of the estate's systems into the inventory. Goes on where it stopped; one dead system stops no other; a partial reading removes nobody.
import { Problem } from '../domain/problem.ts';
import { didYouMean } from '../estate/did-you-mean.ts';
import { type Connection, can } from '../kit/connector.ts';
import type { Fault } from '../kit/outcome.ts';
import { foundRow } from './found-row.ts';
import { merged } from './merged.ts';
import type { Inventory } from './port.ts';

export type DiscoverStep = {
  readonly system: string;
  readonly found: number;
  readonly gone: number;
  readonly done: boolean;
  readonly problem?: string;
};
export type DiscoverDeps = {
  readonly inventory: Pick<Inventory, 'systems' | 'discoveries'>;
  /** May throw a Problem (secret not set, settings wrong). */
  open(system: string): Promise<Connection>;
  sleep(ms: number): Promise<void>;
};

const pageSize = 1000;
/** Systems read at the same time: one that answers slowly does not hold up the rest, and the store is not flooded. */
const atOnce = 4;
/** Waits for a throttling target; a dead one is given up sooner. */
const tries = { throttled: 8, unreachable: 3 } as const;

/** Every system with accounts, or the named one. The last step of each system has `done`; with a `problem` it did not get to the end. */
export async function* discover(deps: DiscoverDeps, only?: string): AsyncGenerator<DiscoverStep> {
  const all = (await deps.inventory.systems.list()).filter((s) => s.role === 'system').map((s) => s.id);
  if (only !== undefined && !all.includes(only))
    throw new Problem('not-found', {
      message: `there is no system ${JSON.stringify(only.slice(0, 80))} with accounts`,
      hint: didYouMean(only, all) ?? 'rekey.yaml lists the systems',
    });
  const systems = only === undefined ? all : [only];
  yield* merged(
    systems.map((system) => () => readSystem(deps, system)),
    atOnce,
  );
}

async function* readSystem(deps: DiscoverDeps, system: string): AsyncGenerator<DiscoverStep> {
  let found = 0;
  const stopped = (problem: string): DiscoverStep => ({ system, found, gone: 0, done: true, problem });
  let connection: Connection;
  try {
    connection = await deps.open(system);
  } catch (error) {
    yield stopped(said(error));
    return;
  }
  try {
    if (!can(connection, 'inventory')) {
      yield stopped('this connector cannot list accounts: import them with owners.csv once they are known');
      return;
    }
    const { discoveries } = deps.inventory;
    const begun = await discoveries.begin(system);
    found = begun.found;
    let cursor = begun.cursor ?? undefined;
    let resumed = cursor !== undefined;
    for (;;) {
      const page = await readPage(deps, connection, cursor);
      if ('fault' in page) {
        if (resumed && restartable.includes(page.fault.code)) {
          // Cursors may die with the connection that made them: then from the top, once.
          await discoveries.rewind(system);
          [cursor, resumed, found] = [undefined, false, 0];
          continue;
        }
        yield stopped(`${page.fault.message}${found > 0 ? ` (${found} accounts read; the next discovery goes on from here)` : ''}`);
        return;
      }
      resumed = false;
      const rows = [...new Map(page.items.map((item) => [item.id, foundRow(item)])).values()];
      if (page.next !== undefined && page.next === cursor) {
        yield stopped('the target returned the same page twice: reading would never end');
        return;
      }
      for (let n = 0; n === 0 || n < rows.length; n += pageSize) {
        // The cursor moves only with the last part of its page.
        const last = n + pageSize >= rows.length;
        await discoveries.page(system, rows.slice(n, n + pageSize), last ? (page.next ?? null) : (cursor ?? null));
      }
      found += rows.length;
      cursor = page.next;
      if (cursor === undefined) break;
      yield { system, found, gone: 0, done: false };
    }
    const policy = await connection.passwordPolicy?.read();
    if (policy?.kind === 'done') await discoveries.policy(system, policy.value);
    else if (policy === undefined) await discoveries.policy(system, null);
    const { seen, unseen } = await discoveries.unseen(system);
    // An empty answer is far more often a lost right or a wrong base than an estate without accounts.
    const sweep = !(seen === 0 && unseen > 0);
    const gone = await discoveries.finish(system, sweep);
    if (sweep) yield { system, found, gone, done: true };
    else
      yield stopped(
        `the target lists no account although ${unseen} are known: none was marked as gone. Check the base and the rights with \`rekey doctor\``,
      );
  } catch (error) {
    yield stopped(said(error));
  } finally {
    await closeQuietly(connection);
  }
}

async function closeQuietly(connection: Connection): Promise<void> {
  try {
    await connection[Symbol.asyncDispose]();
  } catch {
    // Everything read is committed: a failed goodbye changes nothing.
  }
}

/** Codes that may mean "I do not know this cursor". */
const restartable: readonly string[] = ['protocol', 'conflict', 'not-found', 'unsupported', 'policy'];

type Inventoried = Required<Pick<Connection, 'inventory'>>;
type PageOrFault =
  Awaited<ReturnType<Inventoried['inventory']['page']>> extends infer O
    ? (O extends { kind: 'done'; value: infer V } ? V : never) | { readonly fault: Fault }
    : never;

/** Reading twice does no harm, so an indeterminate answer is tried again like a refused one. */
async function readPage(deps: DiscoverDeps, connection: Inventoried, cursor: string | undefined): Promise<PageOrFault> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await connection.inventory.page({ limit: pageSize, ...(cursor === undefined ? {} : { cursor }) });
    if (outcome.kind === 'done') return outcome.value;
    const { fault } = outcome;
    const most = fault.code === 'throttled' ? tries.throttled : fault.code === 'unreachable' ? tries.unreachable : 1;
    if (attempt >= most) return { fault };
    await deps.sleep(Math.min(60_000, fault.retryAfterMs ?? 500 * 2 ** (attempt - 1)));
  }
}

/** A Problem speaks for itself. Anything else is a defect, and its text may hold what must not be shown. */
function said(error: unknown): string {
  if (error instanceof Problem) return error.hint ? `${error.message}; ${error.hint}` : error.message;
  return `the connector failed unexpectedly (${error instanceof Error ? error.name : typeof error}); the next discovery goes on from here`;
}
