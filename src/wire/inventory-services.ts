// Doctor, discovery, imports and account views, wired for the doors.

import { type Caller, ownOnly } from '../access/caller.ts';
import { entryLine } from '../domain/entry.ts';
import { Problem } from '../domain/problem.ts';
import { compileSelector } from '../domain/selector/compile.ts';
import type { AccountView, CheckView } from '../domain/view.ts';
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
import { secretAad } from '../seal/envelope.ts';
import { appendEntries } from '../store/evidence.ts';
import { ownAccount, ownsAccount } from '../store/own.ts';
import type { OpenSystem } from './connections.ts';
import { doctor } from './doctor.ts';
import { type Parts, personRules } from './parts.ts';
import { doorOf, timeLogins } from './time-logins.ts';
import { workloadStoreId } from './workload-store.ts';

export function inventoryServices(
  parts: Parts,
): Pick<Services, 'doctor' | 'discover' | 'import' | 'accounts' | 'account'> & AccountServices {
  const { inventory, connections, now } = parts;
  /** What is not theirs is not there for them. */
  const depsFor = (caller: Caller) => {
    const own = ownOnly(caller, 'estate.read');
    const compile: typeof compileSelector = (text, options) => {
      const all = compileSelector(text, options);
      if (own === null) return all;
      return { sql: `(${all.sql}) and ${ownAccount(`$${options.firstParam + all.params.length}`)}`, params: [...all.params, own] };
    };
    return { inventory, compile, now };
  };
  const accountOf = async (caller: Caller, system: string, account: string): Promise<AccountView> => {
    const own = ownOnly(caller, 'estate.read');
    if (own === null) return accountView({ inventory }, system, account);
    // One answer for what is not theirs and for what is not there: which of them it is would tell of others' accounts.
    const found = await accountView({ inventory }, system, account).catch((error: unknown) => {
      if (error instanceof Problem) return undefined;
      throw error;
    });
    if (found !== undefined && (await ownsAccount(parts.store, found.system, found.id, own))) return found;
    throw new Problem('not-found', {
      message: 'you have no such account',
      hint: 'rekey account ls --where all shows those that are yours',
    });
  };
  return {
    doctor: (_caller, system): AsyncIterable<CheckView> => doctor(parts, system),
    discover: (_caller, system) =>
      andThen(
        discover(
          {
            inventory,
            open: async (id) => {
              const opened = await connections.open(id);
              await lookAtDoors(parts, id, opened);
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
    accounts: (caller, query) => accounts(depsFor(caller), query),
    account: accountOf,
    accountCount: (caller, where) => accountCount(depsFor(caller), where),
    allAccounts: (caller, where) =>
      allPages((cursor) => accounts(depsFor(caller), { where, limit: exportPage, ...(cursor === undefined ? {} : { cursor }) })),
    accountRuns: async (caller, system, account) => {
      const { system: known, id } = await accountOf(caller, system, account);
      return accountRuns({ inventory }, known, id);
    },
  };
}

/** Rows of an export in memory at a time. */
const exportPage = 1000;

/** For predictions: how many replicas each path has, and how long a login takes. A target that cannot say it now is told of by its inventory, not here. */
async function lookAtDoors({ inventory }: Parts, system: string, opened: OpenSystem): Promise<void> {
  const paths = await opened.paths().catch(() => undefined);
  if (paths === undefined) return;
  const cells: Record<string, number> = {};
  for (const path of paths) {
    const door = doorOf(opened, path);
    cells[door] = (cells[door] ?? 0) + 1;
  }
  await inventory.systems.counted(system, cells, await timeLogins(opened, paths));
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
