// Lets one suite run on the embedded store always, and on PostgreSQL when asked for.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type StoreOptions } from '../../src/store/open.ts';
import { preparePglite } from '../../src/store/pglite-folder.ts';
import type { Store } from '../../src/store/sql.ts';
import { postgresWanted, startPostgres, type TestPostgres } from './postgres.ts';

export type Where = { dataDir: string } | { url: string };
export type Bench = {
  /** A place that holds an empty database: no schema yet. */
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
  // One initdb per file: it takes 3 s of both cores.
  let bare: string | undefined;
  const folderWithDatabase = async (): Promise<string> => {
    const folder = mkdtempSync(join(tmpdir(), 'rekey-store-'));
    folders.push(folder);
    const dataDir = join(folder, 'data');
    mkdirSync(dataDir, { mode: 0o700 });
    if (bare === undefined) {
      mkdirSync(join(folder, 'bare'));
      bare = await preparePglite(join(folder, 'bare'));
    }
    cpSync(bare, join(dataDir, 'pg'), { recursive: true });
    return dataDir;
  };
  return {
    async newPlace() {
      if (postgres) return { url: await postgres.newDatabase() };
      return { dataDir: await folderWithDatabase() };
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
