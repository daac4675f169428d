// What the killer and its victims agree on: the estate file's worth of systems, the store, the keys, and where the ledger is.
import { readFileSync } from 'node:fs';
import { registry } from '../../src/connectors/registry.gen.ts';
import { deliveryOf } from '../../src/estate/delivery.ts';
import type { Estate, SystemSpec } from '../../src/estate/estate.ts';
import type { Escrow } from '../../src/execute/port.ts';
import { openEscrow } from '../../src/seal/escrow.ts';
import { openKeyring } from '../../src/seal/keyring.ts';
import { openSeal, type Seal } from '../../src/seal/seal.ts';
import { dataKeysIn } from '../../src/store/data-keys.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/sql.ts';
import { Connections } from '../../src/wire/connections.ts';

export type CrashSetup = {
  readonly where: { dataDir: string } | { url: string };
  readonly systems: readonly { readonly id: string; readonly connector: string; readonly config: unknown }[];
  /** Append-only NDJSON: every write that reached for a target, and which items were already settled then. */
  readonly ledger: string;
};

export const keysVariable = 'REKEY_BENCH_KEYS';

export function readSetup(file: string): CrashSetup {
  return JSON.parse(readFileSync(file, 'utf8')) as CrashSetup;
}

export async function openAll(setup: CrashSetup): Promise<{ store: Store; seal: Seal; escrow: Escrow; connections: Connections }> {
  const store = await openStore(setup.where);
  const seal = openSeal({ keyring: await openKeyring({ provider: 'env', variable: keysVariable }), dataKeys: dataKeysIn(store) });
  return {
    store,
    seal,
    escrow: openEscrow(seal, () => ({ length: 20, classes: ['lower', 'upper', 'digit'] })),
    connections: new Connections(estateOf(setup), registry, process.env),
  };
}

function estateOf(setup: CrashSetup): Estate {
  const spec = (s: CrashSetup['systems'][number]): SystemSpec => ({
    ...s,
    tier: 2,
    limits: { timeoutMs: 3000 },
    password: {},
    paths: [],
    specHash: '',
  });
  return {
    name: 'crash',
    folder: '/',
    file: '/rekey.yaml',
    store: setup.where,
    keyring: { provider: 'env', variable: keysVariable },
    approvals: { count: 0, tier0: 0, handover: 0, self: true },
    approvers: [],
    delivery: deliveryOf(undefined),
    workloads: [],
    systems: setup.systems.map(spec),
  };
}
