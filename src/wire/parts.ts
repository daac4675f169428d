// The parts of one opened estate, joined: estate file, store, seal, escrow, systems, engine, log key. Everything below this file meets here and nowhere else.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { registry } from '../connectors/registry.gen.ts';
import { openBoss } from '../engine/boss.ts';
import type { Engine } from '../engine/port.ts';
import type { Estate, SystemSpec } from '../estate/estate.ts';
import { findEstate, loadEstate } from '../estate/load.ts';
import type { KnownConnectors } from '../estate/rules.ts';
import type { Escrow } from '../execute/port.ts';
import type { RunStore } from '../execute/run-port.ts';
import type { Inventory, PersonRules } from '../inventory/port.ts';
import { syncSystems } from '../inventory/sync-systems.ts';
import type { Signer } from '../prove/sign-note.ts';
import { openEscrow } from '../seal/escrow.ts';
import { openKeyring } from '../seal/keyring.ts';
import { openSeal, type Seal } from '../seal/seal.ts';
import { dataKeysIn } from '../store/data-keys.ts';
import { inventoryStore } from '../store/inventory.ts';
import { openStore } from '../store/open.ts';
import { runStore } from '../store/runs.ts';
import type { Store } from '../store/sql.ts';
import { type AnyConnector, Connections, type Registry } from './connections.ts';
import { openLogKey } from './log-key.ts';

export type Parts = {
  readonly estate: Estate;
  readonly demo: boolean;
  readonly store: Store;
  readonly seal: Seal;
  readonly escrow: Escrow;
  readonly connectors: ReadonlyMap<string, AnyConnector>;
  readonly connections: Connections;
  readonly inventory: Inventory;
  readonly runs: RunStore;
  readonly engine: Engine;
  readonly signer: Signer;
  readonly version: string;
  readonly now: () => Date;
  /** Unexpected errors of the background, for the process's own log. */
  readonly report: (error: unknown) => void;
  close(): Promise<void>;
};

export async function allConnectors(): Promise<ReadonlyMap<string, AnyConnector>> {
  const loaded = await Promise.all(Object.values(registry as Registry).map((load) => load()));
  return new Map(loaded.map((connector) => [connector.id, connector]));
}

export function productVersion(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version; // our own file
}

/** A file of this name beside the estate marks it as the demo's: every output says so. */
export const demoMark = join('.rekey', 'demo');

export async function openParts(options: { readonly folder?: string; readonly demo: (folder: string) => boolean }): Promise<Parts> {
  const connectors = await allConnectors();
  const file = findEstate(options.folder);
  const estate = loadEstate(file, { connectors: connectors as KnownConnectors });
  const store = await openStore(estate.store);
  try {
    const seal = openSeal({ keyring: await openKeyring(estate.keyring), dataKeys: dataKeysIn(store) });
    const inventory = inventoryStore(store);
    await syncSystems(inventory.systems, estate, (id) => connectors.get(id)?.role ?? 'system');
    await inventory.people.follow(personRules(estate));
    const report = (error: unknown): void => {
      process.stderr.write(`rekey: ${error instanceof Error ? error.message : String(error)}\n`);
    };
    const engine = await openBoss(store, report);
    const connections = new Connections(estate, registry as Registry, process.env);
    return {
      estate,
      demo: options.demo(dirname(file)),
      store,
      seal,
      escrow: openEscrow(seal, (system) => passwordRules(estate, system)),
      connectors,
      connections,
      inventory,
      runs: runStore(store),
      engine,
      signer: await openLogKey(store, seal, estate.name),
      version: productVersion(),
      now: () => new Date(),
      report,
      close: async () => {
        await engine.stop();
        await connections.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** How the estate file tells people. */
export function personRules({ people }: Estate): PersonRules {
  return { match: people?.match ?? [], systems: people?.systems ?? null };
}

export function passwordRules(estate: Estate, system: string): SystemSpec['password'] {
  return estate.systems.find((s) => s.id === system)?.password ?? {};
}
