// What servers share keeps its promises on both stores: windows count for all, a key is claimed once, no change is missed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changes } from '../../src/store/changes.ts';
import { keptReplies } from '../../src/store/kept-replies.ts';
import { rateLimits } from '../../src/store/rate-limits.ts';
import type { Store } from '../../src/store/sql.ts';
import { testStore } from '../harness/store.ts';

let store: Store;
beforeAll(async () => {
  store = (await testStore()).store;
});
afterAll(() => store.close());

test('a window counts every hit of every server once and opens again by itself', async () => {
  const [one, other] = [rateLimits(store), rateLimits(store)];
  const rule = { limit: 5, windowMs: 60_000 };
  const hits = await Promise.all(Array.from({ length: 8 }, (_, n) => (n % 2 ? one : other).hit('sign-in alice', rule)));
  expect(hits.filter((hit) => hit.ok)).toHaveLength(5);
  for (const { ok, retryAfterMs } of hits) {
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(retryAfterMs > 0).toBe(!ok);
  }
  expect((await one.hit('sign-in bob', rule)).ok).toBe(true);
  await store.query(`update rate_limit set ends_at = clock_timestamp() - interval '1 second'`);
  expect((await one.hit('sign-in alice', rule)).ok).toBe(true);
  expect(await one.hit('bulk', { ...rule, cost: 6 })).toMatchObject({ ok: false });
});

test('the store holds no name of those who were counted, and nothing of windows that ended', async () => {
  const limits = rateLimits(store);
  await limits.hit('sign-in carol@example.test', { limit: 1, windowMs: 60_000 });
  const rows = await store.query<{ key: Buffer }>('select key from rate_limit');
  for (const { key } of rows) expect(key).toHaveLength(32);
  await store.query(`update rate_limit set ends_at = clock_timestamp() - interval '1 second'`);
  await limits.sweep();
  expect(await store.query('select 1 from rate_limit')).toEqual([]);
});

test('of many that begin with one key, one does the work; the others see that it runs, and later what was answered', async () => {
  const replies = keptReplies(store);
  const key = 'ab'.repeat(32);
  const begun = await Promise.all(Array.from({ length: 6 }, () => replies.begin(key, 60_000)));
  expect(begun.filter((b) => b.kind === 'new')).toHaveLength(1);
  expect(begun.filter((b) => b.kind === 'running')).toHaveLength(5);
  await replies.keep(key, 'cd'.repeat(32), { status: 201, type: 'application/json', reply: '{"id":"R-1"}' });
  expect(await replies.begin(key, 60_000)).toEqual({
    kind: 'kept',
    body: 'cd'.repeat(32),
    reply: { status: 201, type: 'application/json', reply: '{"id":"R-1"}' },
  });
  await store.query(`update kept_reply set ends_at = clock_timestamp() - interval '1 second'`);
  expect(await replies.begin(key, 60_000)).toEqual({ kind: 'new' });
  await replies.done(key, 'cd'.repeat(32));
  expect(await replies.begin(key, 60_000)).toEqual({ kind: 'done', body: 'cd'.repeat(32) });
  await replies.forget(key);
  expect(await replies.begin(key, 60_000)).toEqual({ kind: 'new' });
});

test('a reader gets each thing that changed once, and nothing of a transaction before it is committed', async () => {
  const feed = changes(store);
  let last = await feed.position();
  const next = async (): Promise<Set<string>> => {
    const [from, to] = [last, await feed.position()];
    last = to;
    return new Set((await feed.between(from, to))?.map(({ type, id }) => `${type} ${id}`));
  };
  await store.query(`insert into plan (id, name, hash, header, created_by, expires_at) values ('P-1', 'n', 'h', '{}', 'alice', now())`);
  await store.query(`insert into approval (plan, approver, method, public_key, signature) values ('P-1', 'bob', 'ssh', 'k', 's')`);
  await store.query(`insert into run (id, plan, plan_hash, mode, data_key, started_by) values ('R-1', 'P-1', 'h', 'contain', 1, 'alice')`);
  await store.query(`insert into wave (run, n, name, mode) select key, 1, 'w', 'contain' from run`);
  await store.query(`insert into system (id, connector, spec) values ('corp', 'ldap', 's')`);
  expect(await next()).toEqual(new Set(['plan P-1', 'approval P-1', 'run R-1']));
  expect(await next()).toEqual(new Set());
  await store.query(`insert into lane (run, wave, system) select key, 1, 'corp' from run`);
  await store.query(`update lane set stats = '{"perSecond": 4}'`);
  expect(await next()).toEqual(new Set());
  await store.query(`update lane set state = 'halted', reason = 'breaker open'`);
  await store.query(`insert into log (name) values ('R-2'), ('estate')`);
  await store.query(`insert into entry (log, line) select key, '{}' from log`);
  expect(await next()).toEqual(new Set(['run R-1', 'system corp', 'run R-2']));
});

test('a reader that was away for too long, or comes with a position of another store, is told so', async () => {
  const feed = changes(store);
  const here = await feed.position();
  const [xid] = here.split('-');
  expect(await feed.between(`${xid}-${Date.now() - 2 * 60 * 60_000}`, here)).toBeUndefined();
  expect(await feed.between(`999999999999-${Date.now()}`, here)).toBeUndefined();
  for (const wrong of ['', '7', 'x-y', '1-2-3', "1'--1"]) expect(await feed.between(wrong, here)).toBeUndefined();
  await store.query(`update change set at = now() - interval '2 hours'`);
  await feed.sweep();
  expect(await store.query('select 1 from change')).toEqual([]);
});
