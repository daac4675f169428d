// A migrated embedded store for one test file in about half a second: the template is built once per schema and PGlite version.
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import pg from 'pg';
import { migrate, readMigrations } from '../../src/store/migrate.ts';
import { poolStore } from '../../src/store/pool-store.ts';
import type { Store } from '../../src/store/sql.ts';

const cache = fileURLToPath(new URL('../../.cache', import.meta.url));

/** In memory and without a thread; the Store above the pool is the real one. Close it at the end of the file. */
export async function testStore(): Promise<{ store: Store; close(): Promise<void> }> {
  const template = await readTemplate();
  const db = await PGlite.create({ loadDataDir: new Blob([template]) });
  const pool = poolOver(db);
  const store = poolStore({
    kind: 'pglite',
    flushes: 1,
    pool,
    async close() {
      await pool.end();
      await db.close();
    },
  });
  return { store, close: () => store.close() };
}

function poolOver(db: PGlite): pg.Pool {
  const pool = new pg.Pool({ ...createPgConfig(db), max: 1, idleTimeoutMillis: 0 } as pg.PoolConfig); // the config is a driver connection, which pg's types do not know
  pool.on('error', () => undefined);
  return pool;
}

async function readTemplate(): Promise<Buffer> {
  const version = statVersion();
  const hash = createHash('sha256').update(version);
  for (const { name, sha256 } of await readMigrations()) hash.update(`\n${name} ${sha256}`);
  const file = join(cache, `store-${hash.digest('hex').slice(0, 16)}.tar`);
  mkdirSync(cache, { recursive: true });
  for (const end = Date.now() + 60_000; !existsSync(file); await new Promise((resolve) => setTimeout(resolve, 100))) {
    if (Date.now() > end) throw new Error(`no store template after 60 s: remove ${file}.lock`);
    if (!takeBuildLock(`${file}.lock`)) continue;
    try {
      if (!existsSync(file)) await build(file);
    } finally {
      rmSync(`${file}.lock`, { force: true });
    }
  }
  return readFileSync(file);
}

function statVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const { version } = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** Only spares the others' CPU: two builders at once would still end in one atomic rename. A lock older than 30 s has no builder. */
function takeBuildLock(lock: string): boolean {
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, `${process.pid}\n`);
  try {
    linkSync(mine, lock);
    return true;
  } catch {
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > 30_000) rmSync(lock, { force: true });
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

async function build(file: string): Promise<void> {
  const db = await PGlite.create();
  const pool = poolOver(db);
  const client = await pool.connect();
  await migrate(client);
  client.release();
  await pool.end();
  const tar = await db.dumpDataDir('none');
  await writeFile(`${file}.${process.pid}`, Buffer.from(await tar.arrayBuffer()));
  await rename(`${file}.${process.pid}`, file);
  await db.close();
}
