// The embedded store loses no acknowledged commit in a power cut. REKEY_CUTS=100 makes more cuts than the default 6 per kind.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { durableStart } from '../../src/store/pglite-durable-fs.ts';
import type { Store } from '../../src/store/sql.ts';
import { type Cut, materialize, RecordingFS, seeded } from './powercut-recorder.ts';

const perKind = Number(process.env.REKEY_CUTS ?? 6);
const accounts = 1_000;
const transactions = 160;
const batch = 15;

const home = mkdtempSync(join(tmpdir(), 'rekey-powercut-'));
const base = join(home, 'base');
const snapshot = join(home, 'snapshot');
const ran = join(home, 'ran');
afterAll(() => rmSync(home, { recursive: true, force: true }));

beforeAll(async () => {
  const store = await openStore({ dataDir: base });
  await store.query('create table acct (id int4 primary key, st int4 not null, pad text) with (fillfactor = 70)');
  await store.query('create table step (seq int8 generated always as identity primary key, id int4 not null, st int4 not null)');
  await store.query("insert into acct select i, 0, repeat('x', 100) from generate_series(1, $1::int4) i", [accounts]);
  await store.close();
});

type Recording = { readonly fs: RecordingFS; readonly acks: readonly { readonly at: number; readonly ids: readonly number[] }[] };
type Found = { readonly opened: boolean; readonly lost: number; readonly torn: string[] };

/** Runs the workload with recording on. An acknowledgement is stamped with the number of events before it. */
async function record(seed: number, syncs: boolean, startParams: string[]): Promise<Recording> {
  rmSync(ran, { recursive: true, force: true });
  cpSync(join(base, 'pg'), ran, { recursive: true });
  const fs = new RecordingFS(ran, syncs);
  const db = await PGlite.create({ fs, startParams });
  await db.exec('checkpoint');
  rmSync(snapshot, { recursive: true, force: true });
  cpSync(ran, snapshot, { recursive: true });
  fs.recording = true;
  const random = seeded(seed);
  const acks: { at: number; ids: number[] }[] = [];
  for (let i = 0; i < transactions; i++) {
    const ids = [...new Set(Array.from({ length: batch }, () => 1 + Math.floor(random() * accounts)))].sort((a, b) => a - b);
    await db.query(
      'with u as (update acct set st = st + 1 where id = any($1::int4[]) returning id, st) insert into step (id, st) select id, st from u',
      [ids],
    );
    acks.push({ at: fs.events.length, ids });
    if (i % 50 === 49) await db.exec('checkpoint');
  }
  fs.recording = false;
  await db.close();
  return { fs, acks };
}

async function cutAndReopen({ fs, acks }: Recording, cut: Cut): Promise<Found> {
  const dataDir = join(home, 'cut');
  rmSync(dataDir, { recursive: true, force: true });
  materialize(snapshot, fs.events, cut, join(dataDir, 'pg'));
  const acked = new Map<number, number>();
  for (const { at, ids } of acks) if (at <= cut.at) for (const id of ids) acked.set(id, (acked.get(id) ?? 0) + 1);
  let store: Store;
  try {
    store = await openStore({ dataDir });
  } catch {
    return { opened: false, lost: 0, torn: [] };
  }
  try {
    return { opened: true, ...(await examine(store, acked)) };
  } finally {
    await store.close();
  }
}

async function examine(store: Store, acked: ReadonlyMap<number, number>): Promise<{ lost: number; torn: string[] }> {
  const rows = await store.query<{ id: number; st: number; steps: number; last: number }>(
    'select a.id, a.st, count(s.id)::int4 as steps, coalesce(max(s.st), 0) as last from acct a left join step s on s.id = a.id group by a.id order by a.id',
  );
  const torn: string[] = [];
  if (rows.length !== accounts) torn.push(`${rows.length} of ${accounts} rows`);
  // Both tables are written by one statement: one without the other is half a transaction.
  for (const row of rows)
    if (row.st !== row.steps || row.st !== row.last) torn.push(`account ${row.id}: ${row.st}, ${row.steps}, ${row.last}`);
  const counts = async (scan: string) =>
    await store.transaction(async (sql) => {
      await sql.query(`set local enable_${scan} = off`);
      return await sql.query('select count(*) as n, sum(id) as ids from acct where id > 0');
    });
  expect(await counts('seqscan')).toEqual(await counts('indexscan'));
  let lost = 0;
  const stored = new Map(rows.map((row) => [row.id, row.st]));
  for (const [id, n] of acked) lost += Math.max(0, n - (stored.get(id) ?? 0));
  return { lost, torn };
}

function* cutsOf(recording: Recording, n: number, p: number, names: Cut['names'], seed: number): Generator<Cut> {
  const { length } = recording.fs.events;
  for (let i = 0; i < n; i++) {
    const random = seeded(seed * 1_000 + i);
    yield { at: Math.floor(length * (0.05 + 0.95 * random())), p, names, random };
  }
}

test('every power cut leaves a store that opens and holds all it acknowledged', async () => {
  const recording = await record(1, true, durableStart);
  expect(recording.fs.events.filter((event) => event.t === 'sync').length).toBeGreaterThanOrEqual(transactions);
  const kinds = [0, 0.5].flatMap((p) => (['keep', 'drop'] as const).map((names) => ({ p, names })));
  for (const [k, { p, names }] of kinds.entries())
    for (const cut of cutsOf(recording, perKind, p, names, k + 1))
      expect(await cutAndReopen(recording, cut), `cut at ${cut.at}, p ${p}, names ${names}`).toEqual({ opened: true, lost: 0, torn: [] });
});

// The test above could pass for nothing if the model were too kind: both of these must fail in it.
test.each([
  ['PGlite as shipped', false, PGlite.defaultStartParams],
  [
    'fsync on, with the wal_sync_method that is a stub',
    true,
    durableStart.map((param) => param.replace('wal_sync_method=fsync', 'wal_sync_method=fdatasync')),
  ],
])('the same cuts catch %s', async (_, syncs, startParams) => {
  const recording = await record(2, syncs, [...startParams]);
  const found: Found[] = [];
  for (const p of [0, 0.5]) for (const cut of cutsOf(recording, 2, p, 'keep', 9)) found.push(await cutAndReopen(recording, cut));
  expect(found.filter((f) => !f.opened || f.lost > 0 || f.torn.length > 0).length).toBeGreaterThanOrEqual(2);
  expect(found.some((f) => f.lost > 0)).toBe(true);
});
