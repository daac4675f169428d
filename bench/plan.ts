// Planning a million accounts: time against a hundred thousand, and the planner's memory. The planner runs in a process of its own, because
// the embedded database lives in ours: its pages would hide whether planning streams. REKEY_DATABASE_URL = a PostgreSQL that may create databases.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import pg from 'pg';
import { freePort } from '../lab/process.ts';
import { migrate } from '../src/store/migrate.ts';
import type { Sql } from '../src/store/sql.ts';
import { populate } from './plan/population.ts';

type Measured = { seconds: number; rssMiB: number; totals: { selected: number } };
type Database = { readonly kind: string; readonly url: string; load(from: number, to: number): Promise<void>; close(): Promise<void> };

/** Small enough for a quick look: SMALL=10000 npm run bench -- plan. */
const small = Number(process.env.SMALL ?? 100_000);
const large = small * 10;

const given = process.env.REKEY_DATABASE_URL;
const database = given === undefined ? await embedded() : await served(given);
try {
  await database.load(0, small);
  const runs: Measured[] = [];
  // The first one warms the buffers, as a plan of the large estate warms its own.
  for (let i = 0; i < 3; i++) runs.push(await measure(small));
  await database.load(small, large);
  const million = await measure(large);
  const base = runs.map((r) => r.seconds).sort((a, b) => a - b)[1]!;
  const rssMiB = Math.max(million.rssMiB, ...runs.map((r) => r.rssMiB));
  print({ bench: 'plan', timeRatio: Math.round((million.seconds / base) * 100) / 100, rssMiB });
} finally {
  await database.close();
}
process.exit(0);

async function measure(accounts: number): Promise<Measured> {
  const file = fileURLToPath(new URL('./plan/measure.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', file], {
    env: { ...process.env, REKEY_BENCH_URL: database.url },
    timeout: 1_800_000,
  });
  const measured = JSON.parse(stdout) as Measured; // the child's one line
  if (measured.totals.selected !== accounts) throw new Error(`planned ${measured.totals.selected} of ${accounts} accounts`);
  print({ bench: 'plan', store: database.kind, accounts, ...measured });
  return measured;
}

/** PGlite in this process, in a folder of its own, behind a socket the child can reach. */
async function embedded(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-bench-plan-'));
  const db = await PGlite.create(join(folder, 'data'), { relaxedDurability: true });
  const sql: Sql = { query: async <Row>(text: string, params: readonly unknown[] = []) => (await db.query<Row>(text, [...params])).rows };
  const port = await freePort();
  const server = new PGLiteSocketServer({ db, port, host: '127.0.0.1' });
  await server.start();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`;
  await migrated(url);
  return {
    kind: 'pglite',
    url,
    load: (from, to) => populate(sql, from, to),
    async close() {
      await server.stop();
      await db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A database of its own on the given server, dropped at the end. */
async function served(server: string): Promise<Database> {
  const name = `rekey_bench_${process.pid}_${Date.now().toString(36)}`;
  const on = async (text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  await on(`create database ${name} encoding 'UTF8' template template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  await migrated(url.href);
  const pool = new pg.Pool({ connectionString: url.href, max: 1 });
  const sql: Sql = {
    query: async <Row>(text: string, params: readonly unknown[] = []) => (await pool.query(text, [...params])).rows as Row[],
  };
  return {
    kind: 'postgres',
    url: url.href,
    load: (from, to) => populate(sql, from, to),
    async close() {
      await pool.end();
      await on(`drop database if exists ${name} with (force)`);
    },
  };
}

async function migrated(url: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const client = await pool.connect();
  await migrate(client);
  client.release();
  await pool.end();
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
