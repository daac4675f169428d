// Doctor, discovery, imports and account views, wired for the doors.

import { entryLine } from '../domain/entry.ts';
import { compileSelector } from '../domain/selector/compile.ts';
import type { CheckView } from '../domain/view.ts';
import type { AccountServices } from '../http/account-services.ts';
import { allPages } from '../http/pages.ts';
import type { Services } from '../http/services.ts';
import { accountCount, accountRuns, accounts, accountView } from '../inventory/accounts.ts';
import { discover } from '../inventory/discover.ts';
import { importConsumers } from '../inventory/import-consumers.ts';
import { importExposed } from '../inventory/import-exposed.ts';
import { importOwners } from '../inventory/import-owners.ts';
import { importPeople } from '../inventory/import-people.ts';
import type { LeakSeal } from '../inventory/port.ts';
import type { Connection } from '../kit/connector.ts';
import { ownDoor } from '../plan/predict.ts';
import { secretAad } from '../seal/envelope.ts';
import { appendEntries } from '../store/evidence.ts';
import type { OpenSystem } from './connections.ts';
import { doctor } from './doctor.ts';
import { type Parts, personRules } from './parts.ts';
import { workloadStoreId } from './workload-store.ts';

export function inventoryServices(
  parts: Parts,
): Pick<Services, 'doctor' | 'discover' | 'import' | 'accounts' | 'account'> & AccountServices {
  const { inventory, connections, now } = parts;
  const compile = compileSelector;
  return {
    doctor: (_caller, system): AsyncIterable<CheckView> => doctor(parts, system),
    discover: (_caller, system) =>
      andThen(
        discover(
          {
            inventory,
            open: async (id) => {
              const opened = await connections.open(id);
              await countCells(parts, id, opened);
              return lent(opened.connection);
            },
            sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
          },
          system,
        ),
        () => inventory.people.resolve(personRules(parts.estate)),
      ),
    import: async (caller, kind, csv, options) => {
      const deps = {
        inventory,
        record: async (report: { what: string; file: string; rows: number; imported: number }) => {
          // Within the import's transaction: nobody sees its rows without the people they tell of.
          if (kind === 'people' || kind === 'owners') await inventory.people.resolve(personRules(parts.estate));
          await appendEntries(parts.store, 'estate', [entryLine('import', now(), { ...report, by: caller.name })]);
        },
      };
      switch (kind) {
        case 'owners':
          return importOwners(deps, csv, options);
        case 'consumers':
          return importConsumers({ ...deps, stores: storesOf(parts) }, csv, options);
        case 'people':
          return importPeople(deps, csv, options);
        case 'exposed':
          return importExposed({ ...deps, seal: leakSeal(parts) }, csv, options);
      }
    },
    accounts: (_caller, query) => accounts({ inventory, compile, now }, query),
    account: (_caller, system, account) => accountView({ inventory }, system, account),
    accountCount: (_caller, where) => accountCount({ inventory, compile, now }, where),
    allAccounts: (_caller, where) =>
      allPages((cursor) =>
        accounts({ inventory, compile, now }, { where, limit: exportPage, ...(cursor === undefined ? {} : { cursor }) }),
      ),
    accountRuns: (_caller, system, account) => accountRuns({ inventory }, system, account),
  };
}

/** Rows of an export in memory at a time. */
const exportPage = 1000;

/** For predictions: how many replicas each path has. A target that cannot say it now is told of by its inventory, not here. */
async function countCells({ inventory }: Parts, system: string, opened: OpenSystem): Promise<void> {
  const paths = await opened.paths().catch(() => undefined);
  if (paths === undefined) return;
  const cells: Record<string, number> = {};
  for (const { where, connection } of paths) {
    const door = connection === opened.connection ? ownDoor : where.path;
    cells[door] = (cells[door] ?? 0) + 1;
  }
  await inventory.systems.counted(system, cells);
}

/** Also when the reader goes away before the end. */
async function* andThen<T>(steps: AsyncIterable<T>, last: () => Promise<void>): AsyncGenerator<T> {
  try {
    yield* steps;
  } finally {
    await last();
  }
}

/** The process keeps one connection per system: whoever borrows it does not close it under the others. */
function lent(connection: Connection): Connection {
  return { ...connection, [Symbol.asyncDispose]: async () => {} };
}

function storesOf({ estate, connectors }: Parts): { isStore(id: string): boolean; readonly known: readonly string[] } {
  const inEstate = estate.systems.filter((s) => connectors.get(s.connector)?.role === 'store').map((s) => s.id);
  const bare = [...connectors.values()].filter((c) => c.role === 'store' && opensEmpty(c)).map((c) => c.id);
  const known = [...new Set([...inEstate, ...bare, ...(estate.workloads.length > 0 ? [workloadStoreId] : [])])];
  return { isStore: (id) => known.includes(id), known };
}

/** A store connector that needs no settings may be named by its id. */
function opensEmpty(connector: { readonly config: { parse(input: unknown): unknown } }): boolean {
  try {
    connector.config.parse({});
    return true;
  } catch {
    return false;
  }
}

/** One data key for the leaks of one import. */
function leakSeal({ seal, now }: Parts): LeakSeal {
  let dataKey: Promise<string> | undefined;
  return {
    seal: async (account, version, value) => {
      dataKey ??= seal.newDataKey(`import ${now().toISOString()}`);
      const key = await seal.dataKey(await dataKey);
      return { dataKey: key.key, sealed: key.seal(secretAad(account, 'leaked', version, key.key), value) };
    },
    same: async (leak, value) => {
      const key = await seal.dataKey(leak.dataKey);
      return key.open(secretAad(leak.account, 'leaked', leak.version, leak.dataKey), leak.sealed).equals(value);
    },
  };
}
