// Lets one suite run on the embedded store always, and on PostgreSQL when asked for.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type StoreOptions } from '../../src/store/open.ts';
import type { Store } from '../../src/store/sql.ts';
import { postgresWanted, startPostgres, type TestPostgres } from './postgres.ts';

export type Where = { dataDir: string } | { url: string };
export type Bench = {
  /** A place that holds no database yet. */
  newPlace(): Promise<Where>;
  open(where: Where, options?: StoreOptions): Promise<Store>;
  readonly postgres?: TestPostgres;
  end(): Promise<void>;
};

export const kinds: readonly Store['kind'][] = postgresWanted ? ['pglite', 'postgres'] : ['pglite'];

export async function benchOf(kind: Store['kind']): Promise<Bench> {
  const opened: Store[] = [];
  const folders: string[] = [];
  const postgres = kind === 'postgres' ? await startPostgres() : undefined;
  return {
    async newPlace() {
      if (postgres) return { url: await postgres.newDatabase() };
      const folder = mkdtempSync(join(tmpdir(), 'rekey-store-'));
      folders.push(folder);
      return { dataDir: join(folder, 'data') };
    },
    async open(where, options) {
      const store = await openStore(where, options);
      opened.push(store);
      return store;
    },
    ...(postgres && { postgres }),
    async end() {
      await Promise.all(opened.map((store) => store.close()));
      await postgres?.stop();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}
