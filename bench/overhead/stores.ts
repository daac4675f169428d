// The two stores a bench runs on: an embedded one in a folder of its own, and a private PostgreSQL of the machine's packages.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKeyring } from '../../src/seal/keyring.ts';
import { openSeal, type Seal } from '../../src/seal/seal.ts';
import { dataKeysIn } from '../../src/store/data-keys.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/sql.ts';
import { startPostgres } from '../../test/harness/postgres.ts';

export type BenchStore = {
  readonly kind: 'pglite' | 'postgres';
  readonly where: { dataDir: string } | { url: string };
  readonly keys: string;
  close(): Promise<void>;
};

export async function pgliteFolder(): Promise<BenchStore> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-bench-'));
  return {
    kind: 'pglite',
    where: { dataDir: join(dir, 'store') },
    keys: benchKeys(),
    close: async () => rmSync(dir, { recursive: true, force: true }),
  };
}

export async function postgresServer(): Promise<BenchStore> {
  const server = await startPostgres();
  return { kind: 'postgres', where: { url: server.url }, keys: benchKeys(), close: () => server.stop() };
}

/** A keyring in a variable: a bench leaves no key file behind. */
function benchKeys(): string {
  return `bench:${randomBytes(32).toString('base64')}`;
}

export async function openBench(bench: Pick<BenchStore, 'where' | 'keys'>): Promise<{ store: Store; seal: Seal }> {
  process.env.REKEY_BENCH_KEYS = bench.keys;
  const store = await openStore(bench.where);
  const keyring = await openKeyring({ provider: 'env', variable: 'REKEY_BENCH_KEYS' });
  return { store, seal: openSeal({ keyring, dataKeys: dataKeysIn(store) }) };
}
