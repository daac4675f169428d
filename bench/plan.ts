// Planning a million accounts: time against a hundred thousand, and the planner's memory. The planner runs in a process of its own, because
// the embedded database lives in ours: its pages would hide whether planning streams. REKEY_DATABASE_URL = a PostgreSQL that may create databases.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import pg from 'pg';
import { freePort } from '../lab/process.ts';
import { migrate } from '../src/store/migrate.ts';
import type { Sql } from '../src/store/sql.ts';
import { childArgs } from './child.ts';
import { populate } from './plan/population.ts';

type Measured = { seconds: number; cpuSeconds: number; rssMiB: number; totals: { selected: number } };
type Database = { readonly kind: string; readonly url: string; load(from: number, to: number): Promise<void>; close(): Promise<void> };

/** Small enough for a quick look: SMALL=10000 npm run bench -- plan. */
const small = Number(process.env.SMALL ?? 100_000);
const large = small * 10;

const given = process.env.REKEY_DATABASE_URL;
const open = (): Promise<Database> => (given === undefined ? embedded() : served(given));
const few = await open();
const many = await open();
try {
  await few.load(0, small);
  await many.load(0, large);
  await measure(few, small); // not counted: it warms the buffers
  // The small plans stand around the large one: a machine that gets busier meanwhile does not pass for a planner that does not scale.
  const before = await measure(few, small);
  const million = await measure(many, large);
  const after = await measure(few, small);
  const timeRatio = million.seconds / ((before.seconds + after.seconds) / 2);
  const cpuRatio = million.cpuSeconds / ((before.cpuSeconds + after.cpuSeconds) / 2);
  const rssMiB = Math.max(million.rssMiB, before.rssMiB, after.rssMiB);
  print({ bench: 'plan', timeRatio: round(timeRatio), rssMiB, cpuRatio: round(cpuRatio) });
} finally {
  await few.close();
  await many.close();
}
process.exit(0);

async function measure(database: Database, accounts: number): Promise<Measured> {
  const { stdout } = await promisify(execFile)(process.execPath, childArgs(import.meta.url, './plan/measure'), {
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
  const name = `rekey_bench_${randomBytes(6).toString('hex')}`;
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

function round(n: number): number {
  return Math.round(n * 100) / 100;
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
