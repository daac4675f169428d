import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sampleSystems } from '../../test/harness/inventory.ts';
import { testStore } from '../../test/harness/store.ts';
import { Problem } from '../domain/problem.ts';
import type { Found, Page } from '../kit/capability.ts';
import type { Connection } from '../kit/connector.ts';
import { done, indeterminate, type Outcome, refused } from '../kit/outcome.ts';
import { inventoryStore } from '../store/inventory.ts';
import type { Store } from '../store/sql.ts';
import { type DiscoverStep, discover } from './discover.ts';
import type { Inventory } from './port.ts';

let store: Store;
let close: () => Promise<void>;
let inventory: Inventory;
beforeAll(async () => ({ store, close } = await testStore()));
afterAll(() => close());
beforeEach(async () => {
  await store.query('truncate account, consumer, discovery, system restart identity cascade');
  inventory = inventoryStore(store);
  await inventory.systems.sync(sampleSystems);
});

const found = (n: number): Found => ({ id: `id-${n}`, name: `user-${n}`, kind: 'human', enabled: true, privileged: false, facts: { n } });
type PageCall = { readonly cursor?: string; readonly limit: number };
type Target = (call: PageCall, calls: number) => Outcome<Page<Found>>;

/** A target with `size` accounts in pages of `per`; cursors are offsets. */
const listing =
  (size: number, per: number): Target =>
  ({ cursor }) => {
    const start = Number(cursor ?? 0);
    const items = Array.from({ length: Math.min(per, size - start) }, (_, n) => found(start + n));
    return done({ items, ...(start + per < size ? { next: String(start + per) } : {}) });
  };

function run(targets: Readonly<Record<string, Target | Error>>, slept: number[] = []) {
  let closed = 0;
  const seen: PageCall[] = [];
  const open = async (system: string): Promise<Connection> => {
    const target = targets[system] ?? listing(0, 1);
    if (target instanceof Error) throw target;
    return {
      inventory: {
        page: async (call) => {
          seen.push(call);
          return target(call, seen.length);
        },
      },
      [Symbol.asyncDispose]: async () => {
        closed++;
      },
    };
  };
  const collect = async (only?: string): Promise<DiscoverStep[]> => {
    const steps: DiscoverStep[] = [];
    for await (const step of discover({ inventory, open, sleep: async (ms) => void slept.push(ms) }, only)) steps.push(step);
    return steps;
  };
  return { collect, seen, closed: () => closed };
}
const present = async () =>
  (await store.query<{ name: string }>(`select name from account where gone_at is null order by key`)).map((r) => r.name);
const dead = indeterminate('unreachable', 'no answer within 10 s');

describe('discovery', () => {
  test('reads page after page and says how far it is after each', async () => {
    const { collect, closed } = run({ 'corp-ldap': listing(5, 2) });
    expect(await collect('corp-ldap')).toEqual([
      { system: 'corp-ldap', found: 2, gone: 0, done: false },
      { system: 'corp-ldap', found: 4, gone: 0, done: false },
      { system: 'corp-ldap', found: 5, gone: 0, done: true },
    ]);
    expect(await present()).toEqual(['user-0', 'user-1', 'user-2', 'user-3', 'user-4']);
    expect(closed()).toBe(1);
  });

  test('one dead system, one without its secret and one broken connector stop no other', async () => {
    const { collect } = run({ 'corp-ldap': () => dead, 'hr-db': listing(2, 2) });
    const steps = await collect();
    expect(steps).toContainEqual({ system: 'hr-db', found: 2, gone: 0, done: true });
    expect(steps).toContainEqual({ system: 'corp-ldap', found: 0, gone: 0, done: true, problem: 'no answer within 10 s' });
    expect(steps.filter((s) => s.system === 'vault')).toEqual([]);
    const unset = new Problem('invalid-config', { message: 'CORP_LDAP_BIND is not set', hint: 'set it' });
    expect((await run({ 'corp-ldap': unset }).collect('corp-ldap'))[0]?.problem).toBe('CORP_LDAP_BIND is not set; set it');
    const bug = new TypeError('cannot read hunter2');
    expect((await run({ 'corp-ldap': bug }).collect('corp-ldap'))[0]?.problem).toBe(
      'the connector failed unexpectedly (TypeError); the next discovery goes on from here',
    );
  });

  test('cut off in the middle it removes nobody, and goes on from the page where it stopped', async () => {
    await run({ 'corp-ldap': listing(6, 2) }).collect('corp-ldap');
    const cut: Target = (call, calls) => (calls > 2 ? dead : listing(5, 2)(call, calls));
    const steps = await run({ 'corp-ldap': cut }).collect('corp-ldap');
    expect(steps.at(-1)).toMatchObject({ found: 4, gone: 0, done: true, problem: expect.stringContaining('goes on from here') });
    expect(await present()).toHaveLength(6);
    const { collect, seen } = run({ 'corp-ldap': listing(5, 2) });
    expect(await collect('corp-ldap')).toEqual([{ system: 'corp-ldap', found: 5, gone: 1, done: true }]);
    expect(seen.map((call) => call.cursor)).toEqual(['4']);
    expect(await present()).toEqual(['user-0', 'user-1', 'user-2', 'user-3', 'user-4']);
  });

  test('who comes back is there again, under the same key', async () => {
    const key = async () => (await store.query<{ key: string }>(`select key::text as key from account where name = 'user-1'`))[0]?.key;
    await run({ 'corp-ldap': listing(2, 2) }).collect('corp-ldap');
    const before = await key();
    expect((await run({ 'corp-ldap': listing(1, 2) }).collect('corp-ldap')).at(-1)?.gone).toBe(1);
    expect(await present()).toEqual(['user-0']);
    await run({ 'corp-ldap': listing(2, 2) }).collect('corp-ldap');
    expect(await present()).toEqual(['user-0', 'user-1']);
    expect(await key()).toBe(before);
  });

  test('an answer without any account is doubted, not believed', async () => {
    await run({ 'corp-ldap': listing(3, 2) }).collect('corp-ldap');
    const [step] = await run({ 'corp-ldap': listing(0, 2) }).collect('corp-ldap');
    expect(step?.problem).toContain('lists no account although 3 are known');
    expect(await present()).toHaveLength(3);
  });

  test('a cursor the target does not know any more means: from the top, once', async () => {
    await run({ 'corp-ldap': (call, calls) => (calls > 1 ? dead : listing(3, 2)(call, calls)) }).collect('corp-ldap');
    const forgets: Target = (call, calls) => (calls === 1 ? refused('protocol', 'unknown cookie') : listing(3, 2)(call, calls));
    const { collect, seen } = run({ 'corp-ldap': forgets });
    expect((await collect('corp-ldap')).at(-1)).toEqual({ system: 'corp-ldap', found: 3, gone: 0, done: true });
    expect(seen.map((call) => call.cursor)).toEqual(['2', undefined, '2']);
    const never: Target = () => refused('protocol', 'no paging here');
    expect((await run({ 'corp-ldap': never }).collect('corp-ldap')).at(-1)?.problem).toBe('no paging here');
  });

  test('a throttling target is waited for as long as it asks', async () => {
    const slept: number[] = [];
    const busy: Target = (call, calls) =>
      calls <= 2 ? refused('throttled', 'slow down', { retryAfterMs: 1500 }) : listing(1, 1)(call, calls);
    expect((await run({ 'corp-ldap': busy }, slept).collect('corp-ldap')).at(-1)).toMatchObject({ found: 1, done: true });
    expect(slept).toEqual([1500, 1500]);
  });

  test('a target that repeats a page for ever is left', async () => {
    const loop: Target = () => done({ items: [found(1)], next: 'same' });
    expect((await run({ 'corp-ldap': loop }).collect('corp-ldap')).at(-1)?.problem).toContain('the same page twice');
  });

  test('odd values of a target are stored, not choked on', async () => {
    const odd: Found = {
      ...found(1),
      name: 'nul\0name',
      owner: '  ',
      changedAt: new Date(Number.NaN),
      facts: { text: 'a\0b\ud800', nested: { list: [1, null, true] } },
    };
    await run({ 'corp-ldap': () => done({ items: [odd, odd] }) }).collect('corp-ldap');
    const [row] = await store.query<{ name: string; facts: unknown; owners: string[]; changed_at: Date | null }>(
      'select name, facts, owners, changed_at from account',
    );
    expect(row).toEqual({
      name: 'nul\uFFFDname',
      facts: { text: 'a\uFFFDb\uFFFD', nested: { list: [1, null, true] } },
      owners: [],
      changed_at: null,
    });
  });

  test('a page larger than asked for is stored whole', async () => {
    expect((await run({ 'corp-ldap': listing(2500, 2500) }).collect('corp-ldap')).at(-1)).toMatchObject({
      found: 2500,
      gone: 0,
      done: true,
    });
    expect(await present()).toHaveLength(2500);
  });

  test('an unknown system is named with the one that was meant', async () => {
    await expect(run({}).collect('corp-ldpa')).rejects.toMatchObject({ code: 'not-found', hint: 'did you mean "corp-ldap"?' });
  });
});
