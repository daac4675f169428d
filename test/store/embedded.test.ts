import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openStore } from '../../src/store/open.ts';

const home = mkdtempSync(join(tmpdir(), 'rekey-embedded-'));
const half = join(home, 'half');
let places = 0;
/** A copy of a store that was opened and closed once: an initdb per test would take 3 s of both cores. */
const place = (name = `place-${places++}`) => {
  const dataDir = join(home, name);
  cpSync(half, dataDir, { recursive: true });
  return dataDir;
};
afterAll(() => rmSync(home, { recursive: true, force: true }));
const source = (name: string) => JSON.stringify(new URL(`../../src/store/${name}`, import.meta.url).href);

/** A process that writes rows one by one and prints each id after its commit was acknowledged. */
function writer(dataDir: string) {
  const script = `import { openStore } from ${source('open.ts')};
    const store = await openStore({ dataDir: process.argv[1] });
    await store.query('create table if not exists ack (id int8 generated always as identity primary key, pad text)');
    process.stdout.write('ready\\n');
    for (;;) { const [row] = await store.query('insert into ack (pad) values ($1) returning id', ['x'.repeat(200)]); process.stdout.write(row.id + '\\n'); }`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const seen = { text: '' };
  child.stdout.on('data', (data) => {
    seen.text += String(data);
  });
  const until = async (lines: number) => {
    while (seen.text.split('\n').length <= lines) {
      if (child.exitCode !== null) throw new Error(`the writer ended with ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, seen, until };
}

let reopened: unknown[];
beforeAll(async () => {
  mkdirSync(join(half, 'pg.tmp', 'base'), { recursive: true });
  writeFileSync(join(half, 'pg.tmp', 'PG_VERSION'), '18\n');
  const store = await openStore({ dataDir: half });
  reopened = await store.query('select 1 as one');
  await store.close();
});

test('a first start that died inside initdb is started over, not opened half', () => {
  expect(reopened).toEqual([{ one: 1 }]);
  expect(readdirSync(half)).toEqual(['pg']);
});

test('a process killed with -9 keeps every acknowledged commit, and its lock is taken over; while it lives a second one is refused', async () => {
  const dataDir = place();
  for (let round = 1; round <= 2; round++) {
    const { child, seen, until } = writer(dataDir);
    const ended = new Promise((resolve) => child.once('close', resolve));
    try {
      await until(1 + round * 40);
      await expect(openStore({ dataDir })).rejects.toMatchObject({
        code: 'estate-locked',
        message: expect.stringContaining(`process ${child.pid}`),
      });
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    const acked = seen.text
      .split('\n')
      .slice(1, -1)
      .filter((line) => /^\d+$/.test(line));
    const store = await openStore({ dataDir });
    const rows = await store.query<{ id: string }>('select id from ack');
    await store.close();
    const stored = new Set(rows.map((row) => row.id));
    expect(acked.length).toBeGreaterThanOrEqual(40);
    expect(acked.filter((id) => !stored.has(id))).toEqual([]);
  }
});

test('a data folder with a long path works, and only its owner may enter it', async () => {
  const dataDir = place('long'.repeat(30));
  const store = await openStore({ dataDir });
  expect(await store.query('select 1 as one')).toEqual([{ one: 1 }]);
  expect(statSync(join(dataDir, 'pg')).mode & 0o777).toBe(0o700);
  await store.close();
  expect(existsSync(join(dataDir, 'lock'))).toBe(false);
});

test('closing twice is closing once, and a closed store says so', async () => {
  const store = await openStore({ dataDir: place() });
  await Promise.all([store.close(), store.close()]);
  await expect(store.query('select 1')).rejects.toMatchObject({ message: 'The store is closed.' });
});

test('the settings that make a commit durable are the ones in force', async () => {
  const store = await openStore({ dataDir: place() });
  const rows = await store.query<{ name: string; setting: string }>(
    'select name, setting from pg_settings where name = any($1::text[]) order by name',
    [['fsync', 'wal_sync_method', 'full_page_writes', 'synchronous_commit', 'max_wal_size']],
  );
  await store.close();
  expect(Object.fromEntries(rows.map((row) => [row.name, row.setting]))).toEqual({
    fsync: 'on',
    full_page_writes: 'on',
    max_wal_size: '128',
    synchronous_commit: 'on',
    wal_sync_method: 'fsync',
  });
});

test('a lost connection inside a transaction stores nothing of it, and the next statement connects again', async () => {
  const clients = vi.spyOn(pg.Client.prototype, 'connect');
  const dataDir = place();
  const store = await openStore({ dataDir });
  await store.query('create table lost (id int4)');
  const cut = store.transaction(async (sql) => {
    await sql.query('insert into lost values ($1)', [1]);
    const [client] = clients.mock.instances as unknown as { connection: { stream: { destroy(): void } } }[];
    client?.connection.stream.destroy();
    await sql.query('insert into lost values ($1)', [2]);
  });
  await expect(cut).rejects.toMatchObject({ code: 'target-unreachable', message: expect.stringContaining('connection was lost') });
  // The backend outlives the connection: what that one had prepared must not be in the way of its successor.
  for (let i = 0; i < 3; i++) {
    await store.query('insert into lost values ($1)', [7]);
    expect(await store.query('select count(*)::int4 as n from lost where id <> $1', [7])).toEqual([{ n: 0 }]);
  }
  expect(clients.mock.instances).toHaveLength(2);
  clients.mockRestore();
  await store.close();
});

test('when the database itself fails every statement says so and nothing hangs; reopened, all acknowledged is there', async () => {
  const dataDir = place();
  const store = await openStore({ dataDir });
  await store.query('create table kept (id int4)');
  await store.query('insert into kept values ($1)', [1]);
  // A WAL that cannot be written is a PANIC: the thread must end, not go on.
  const wal = join(dataDir, 'pg', 'pg_wal');
  renameSync(wal, `${wal}.away`);
  const broken = async () => {
    for (let i = 0; i < 200; i++) await store.query('insert into kept select g from generate_series(100, 200000) g');
  };
  await expect(broken()).rejects.toMatchObject({ message: expect.stringMatching(/could not create file|database stopped/) });
  await expect(store.query('select 1')).rejects.toMatchObject({ code: 'internal', hint: expect.stringContaining('start Rekey again') });
  await store.close();
  renameSync(`${wal}.away`, wal);
  const again = await openStore({ dataDir });
  expect(await again.query('select id from kept where id < $1', [100])).toEqual([{ id: 1 }]);
  await again.close();
}, 60_000);

test('while busy it keeps the WAL small and the tables vacuumed, and never breaks a transaction', async () => {
  const dataDir = place();
  const store = await openStore({ dataDir }, { maintenanceMs: 200 });
  await store.query('create table hot (id int4 primary key, v int4 not null, pad text)');
  await store.query("insert into hot select i, 0, repeat('x', 500) from generate_series(1, 20000) i");
  const walMb = () => readdirSync(join(dataDir, 'pg', 'pg_wal'), { withFileTypes: true }).filter((e) => e.isFile()).length * 16;
  let most = 0;
  let written = 0;
  for (let i = 0; i < 40; i++) {
    await store.transaction(async (sql) => {
      await sql.query('update hot set v = v + 1 where id % 2 = $1', [i % 2]);
      await sql.query('update hot set v = v + 1 where id = $1', [1]);
    });
    most = Math.max(most, walMb());
    const [row] = await store.query<{ bytes: string }>("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as bytes");
    written = Number(row?.bytes) / 1_048_576;
  }
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const [stats] = await store.query<{ dead: number; analyzed: boolean }>(
    "select n_dead_tup::int4 as dead, last_analyze is not null as analyzed from pg_stat_user_tables where relname = 'hot'",
  );
  const [size] = await store.query<{ mb: number }>("select (pg_total_relation_size('hot') / 1048576)::int4 as mb");
  await store.close();
  expect(written).toBeGreaterThan(250);
  expect(most).toBeLessThanOrEqual(192);
  expect(stats?.analyzed).toBe(true);
  expect(stats?.dead).toBeLessThan(30_000);
  // 20,000 rows of 540 bytes are 11 MB; 400,000 dead versions left lying would be 200.
  expect(size?.mb).toBeLessThan(80);
});
