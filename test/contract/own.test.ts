// Own and other: an owner sees and acts on what is theirs by the inventory, on every route that an owner reaches; the rest is not there for them.
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import { type Permission, rights } from '../../src/access/rights.ts';
import { buildApi } from '../../src/http/api.ts';
import type { Change } from '../../src/http/port.ts';
import type { Services } from '../../src/http/services.ts';
import { toldTo } from '../../src/http/told-changes.ts';
import { changes } from '../../src/store/changes.ts';
import { inventoryStore } from '../../src/store/inventory.ts';
import { runStore } from '../../src/store/runs.ts';
import type { Store } from '../../src/store/sql.ts';
import { deliveryServices } from '../../src/wire/delivery-services.ts';
import { estateServices } from '../../src/wire/estate-services.ts';
import { inventoryServices } from '../../src/wire/inventory-services.ts';
import { nowServices } from '../../src/wire/now-services.ts';
import type { Parts } from '../../src/wire/parts.ts';
import { runServices } from '../../src/wire/run-services.ts';
import { systemServices } from '../../src/wire/system-services.ts';
import { estateOf } from '../harness/campaign.ts';
import { seedAccount, seedItem, seedRun, seedSecret, seedSystem, unmasked } from '../harness/escrow-rows.ts';
import { hollowApi, type Route } from '../harness/routes.ts';
import { testStore } from '../harness/store.ts';

const owner = (name: string): Caller => ({
  name,
  custodian: false,
  identity: `${name}@example.test`,
  roles: ['owner'],
  via: 'session',
  member: `M-${name}`,
  session: { id: `L-${name}`, csrf: 'c', passkeyAt: null },
});
/** alice and bob own one account each on one system, carol owns a system, eve owns nothing. */
const [alice, bob, carol, eve] = ['alice', 'bob', 'carol', 'eve'].map(owner) as [Caller, Caller, Caller, Caller];
const nobody: Caller = { ...eve, identity: null };

let store: Store;
let api: FastifyInstance;
let asking: Caller = eve;
const unexpected: unknown[] = [];
beforeAll(async () => {
  ({ store } = await testStore());
  const dataKey = await seedSystem(store, 'corp-ldap');
  await seedSystem(store, 'hr-db');
  await store.query("update system set owner = 'carol@example.test' where id = 'hr-db'");
  const run = await seedRun(store, { id: 'R-4T9WZ0AB', plan: 'P-7K3QX2MA', system: 'corp-ldap', dataKey, state: 'running' });
  await store.query("insert into log (name) values ('R-4T9WZ0AB')");
  for (const [system, name] of [
    ['corp-ldap', 'alice'],
    ['corp-ldap', 'bob'],
    ['hr-db', 'hr-app'],
  ] as const) {
    const owners = name === 'hr-app' ? ['dba@example.test'] : [`${name}@example.test`];
    const key = await seedAccount(store, system, { id: `id-${name}`, name: `svc-${name}`, owners });
    await seedSecret(store, key, dataKey, { version: 1, state: 'live', text: `secret of ${name}` });
    const item = await seedItem(store, run, key, { state: 'revoked', version: 1, error: `constraint of ${name}` });
    await store.query(
      "insert into cell (item, path, replica, verdict, level, code, at) values ($1::int8, 'bind', 'one', 'not-proved', 'none', 'x', now())",
      [item],
    );
    await store.query('update item set person = $2 where key = $1::int8', [item, name]);
    await store.query(
      `insert into plan_item (plan, seq, wave, account, system, action, line, fingerprint)
       values ('P-7K3QX2MA', $1::int8, 1, $1::int8, $2, 'by-hand', '{}', 'x')`,
      [key, system],
    );
    await store.query('update account set person = $2, reset_at = now() where key = $1::int8', [key, name]);
  }
  // A run that holds nothing of alice's.
  const other = await seedRun(store, { id: 'R-00000002', plan: 'P-00000002', system: 'corp-ldap', dataKey });
  const [bobs] = await store.query<{ key: string }>("select key::text as key from account where id = 'id-bob'");
  await seedItem(store, other, bobs!.key, { state: 'complete', version: 1 });
  const estate = {
    ...estateOf({ 'corp-ldap': {}, 'hr-db': {} }),
    delivery: { windowMs: 3_600_000, reRevealMs: 60_000, perHour: 100 },
    workloads: [],
  };
  const parts = {
    estate,
    demo: false,
    store,
    runs: runStore(store),
    inventory: inventoryStore(store),
    connectors: new Map(),
    engine: { sendAdvance: async () => {} },
    escrow: { open: async (_: string, row: { sealed: Uint8Array }) => unmasked(row.sealed) },
    signer: { key: { line: 'key' } },
    now: () => new Date(),
  } as unknown as Parts; // the rest is not looked at
  const services = {
    estateName: 'test',
    demo: false,
    ...inventoryServices(parts),
    ...runServices(parts),
    ...deliveryServices(parts),
    ...systemServices(parts),
    ...estateServices(parts),
    ...nowServices(parts),
  } as unknown as Services; // plans and evidence are out of an owner's reach
  api = buildApi({ services, caller: () => asking, version: '0', report: (error) => unexpected.push(error) });
  await api.ready();
});
beforeEach(async () => {
  await store.query("update run set state = 'running', halt = null where id = 'R-4T9WZ0AB'");
  await store.query("update item set open = false, state = 'revoked', error = 'constraint of ' || person where person is not null");
});
afterAll(async () => {
  expect(unexpected).toEqual([]);
  await api.close();
  await store.close();
});

const run = '/v1/runs/R-4T9WZ0AB';
type Case = {
  readonly payload?: object;
  readonly url: string;
  /** The reply is this long-lived stream, of which the start is enough. */
  readonly stream?: true;
};
/** One request about alice's account for each route an owner reaches. */
const cases: Readonly<Record<string, Case>> = {
  'GET /v1/accounts': { url: '/v1/accounts?where=all' },
  'GET /v1/accounts/:system/:account': { url: '/v1/accounts/corp-ldap/svc-alice' },
  'GET /v1/accounts/:system/:account/runs': { url: '/v1/accounts/corp-ldap/svc-alice/runs' },
  'GET /v1/accounts/:system/:account/claims': { url: '/v1/accounts/corp-ldap/svc-alice/claims' },
  'GET /v1/runs': { url: '/v1/runs' },
  'GET /v1/runs/:id': { url: run },
  'GET /v1/runs/:id/items': { url: `${run}/items` },
  'GET /v1/runs/:id/people': { url: `${run}/people` },
  'GET /v1/runs/:id/systems': { url: `${run}/systems` },
  'GET /v1/runs/:id/timeline': { url: `${run}/timeline` },
  'GET /v1/runs/:id/items/:system/:account': { url: `${run}/items/corp-ldap/svc-alice` },
  'GET /v1/runs/:id/items/:system/:account/log': { url: `${run}/items/corp-ldap/svc-alice/log` },
  'GET /v1/now': { url: '/v1/now' },
  'GET /v1/runs/:id/claims': { url: `${run}/claims` },
  'POST /v1/runs/:id/pause': { url: `${run}/pause`, payload: { reason: 'broke' } },
  'POST /v1/runs/:id/exceptions': {
    url: `${run}/exceptions`,
    payload: {
      account: 'corp-ldap/svc-alice',
      owner: 'alice@example.test',
      reason: 'r',
      expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    },
  },
  'POST /v1/accounts/:system/:account/reveal': { url: '/v1/accounts/corp-ldap/svc-alice/reveal', payload: {} },
};
/** Routes on which a single account's name does not come up; each has a test of its own below. */
const apart = [
  'GET /v1/accounts/count',
  'GET /v1/accounts.csv',
  'GET /v1/systems',
  'GET /v1/systems/:system',
  'GET /v1/estate',
  'GET /v1/events',
  'GET /v1/runs/:id/events',
  'POST /v1/runs/:id/sign-offs',
];

const ask = (who: Caller, key: string) => {
  const { url, payload } = cases[key]!;
  asking = who;
  return api.inject({ method: key.startsWith('POST') ? 'POST' : 'GET', url, ...(payload === undefined ? {} : { payload }) });
};
const others = /svc-bob|svc-hr-app|id-bob|constraint of bob|constraint of hr|secret of (bob|hr)/;

describe('own and other', () => {
  it('every route that an owner reaches is on one of the two lists', async () => {
    const routes: Route[] = [];
    const hollow = hollowApi(
      () => null,
      () => {
        throw new Error('not called');
      },
      routes,
    );
    await hollow.ready();
    await hollow.close();
    const reached = routes.filter(({ needs }) => rights.owner[needs as Permission] === 'own').map(({ method, url }) => `${method} ${url}`);
    expect(reached.sort()).toEqual([...Object.keys(cases), ...apart].sort());
  });

  it.each(Object.keys(cases))('%s: its owner gets it, and nothing of others', async (key) => {
    const reply = await ask(alice, key);
    expect(reply.statusCode, reply.body).toBe(200);
    expect(reply.body).not.toMatch(others);
    if (!key.startsWith('POST /v1/runs') && !/claims|now|systems|timeline|log$/.test(key)) expect(reply.body).toMatch(/alice|R-4T9WZ0AB/);
  });

  it.each(Object.keys(cases))('%s: another owner, and one without any identity, gets nothing of it', async (key) => {
    for (const who of [bob, eve, nobody]) {
      const reply = await ask(who, key);
      expect(reply.body, who.name).not.toMatch(/svc-alice@|id-alice|constraint of alice|secret of alice/);
      // bob has a part in the same run: reading it and pausing it is his as well.
      const shares = who === bob && !/exceptions|reveal|:account/.test(key);
      const list = ['GET /v1/accounts', 'GET /v1/runs', 'GET /v1/runs/:id/claims', 'GET /v1/now'].includes(key);
      if (shares || list) expect(reply.statusCode, `${who.name}: ${reply.body}`).toBe(200);
      else expect([403, 404], `${who.name}: ${reply.body}`).toContain(reply.statusCode);
      if (list && who !== bob && key !== 'GET /v1/now') expect(reply.json().items).toEqual([]);
    }
  });

  it('a run is counted for an owner by what is theirs', async () => {
    asking = alice;
    const mine = (await api.inject({ url: run })).json();
    expect(mine).toMatchObject({
      counts: { revoked: 1 },
      parked: 1,
      cells: { notProved: 1 },
      failures: [{ error: 'constraint of alice', count: 1 }],
    });
    asking = { ...alice, roles: ['viewer'] };
    expect((await api.inject({ url: run })).json()).toMatchObject({ counts: { revoked: 3 }, parked: 3 });
    expect((await api.inject({ url: '/v1/runs' })).json().items).toHaveLength(2);
  });
  it('a run that holds nothing of theirs is not there, in the same words as one that is not', async () => {
    asking = alice;
    const [theirs, none] = [await api.inject({ url: '/v1/runs/R-00000002' }), await api.inject({ url: '/v1/runs/R-00000009' })];
    expect([theirs.statusCode, none.statusCode]).toEqual([404, 404]);
    expect(theirs.json().detail.replace('R-00000002', '')).toBe(none.json().detail.replace('R-00000009', ''));
  });
  it('another owner’s account is refused in the same words as one that does not exist', async () => {
    asking = eve;
    const [theirs, none] = [
      await api.inject({ url: '/v1/accounts/corp-ldap/svc-alice' }),
      await api.inject({ url: '/v1/accounts/corp-ldap/svc-alicf' }),
    ];
    const words = ({ detail, hint }: { detail: string; hint: string }) => [detail, hint];
    expect(words(theirs.json())).toEqual(words(none.json()));
    expect(none.body).not.toContain('did you mean');
  });
  it('the owner of a system has what stands on it', async () => {
    asking = carol;
    expect((await api.inject({ url: '/v1/accounts?where=all' })).json().items.map((a: { account: string }) => a.account)).toEqual([
      'svc-hr-app',
    ]);
    expect((await api.inject({ url: `${run}/items` })).json().items.map((i: { account: string }) => i.account)).toEqual(['svc-hr-app']);
    expect((await api.inject({ url: '/v1/systems' })).json().items.map((s: { system: string }) => s.system)).toEqual(['hr-db']);
    expect((await api.inject({ url: '/v1/systems/corp-ldap' })).statusCode).toBe(404);
    asking = alice;
    expect((await api.inject({ url: '/v1/systems' })).json().items).toEqual([]);
    expect((await api.inject({ url: '/v1/estate' })).json().systems).toEqual([]);
  });
  it('the stream of changes names the runs and systems of an owner and no others', async () => {
    const all: Change[] = [
      { type: 'run', id: 'R-4T9WZ0AB' },
      { type: 'run', id: 'R-00000002' },
      { type: 'plan', id: 'P-7K3QX2MA' },
      { type: 'system', id: 'corp-ldap' },
      { type: 'system', id: 'hr-db' },
    ];
    const told = async (who: Caller) => (await toldTo(who, all, changes(store))).map(({ id }) => id).sort();
    expect(await told(alice)).toEqual(['R-4T9WZ0AB']);
    expect(await told(bob)).toEqual(['R-00000002', 'R-4T9WZ0AB']);
    expect(await told(carol)).toEqual(['R-4T9WZ0AB', 'hr-db']);
    for (const who of [eve, nobody]) expect(await told(who)).toEqual([]);
  });
  it('a selector cannot reach out of what is theirs, and counts and exports stop there, too', async () => {
    asking = alice;
    for (const where of ['all', 'not (name = x)', 'name = svc-bob or all', 'system = hr-db or owner = "bob@example.test"']) {
      expect((await api.inject({ url: '/v1/accounts', query: { where } })).body, where).not.toMatch(others);
      const count = (await api.inject({ url: '/v1/accounts/count', query: { where } })).json();
      expect(count.count, where).toBeLessThanOrEqual(1);
      expect((await api.inject({ url: '/v1/accounts.csv', query: { where } })).body, where).not.toMatch(others);
    }
  });
  it('an owner accepts and signs for what is theirs in their own name only', async () => {
    asking = alice;
    const { payload } = cases['POST /v1/runs/:id/exceptions']!;
    const post = (path: string, body: object) => api.inject({ method: 'POST', url: `${run}/${path}`, payload: body });
    expect((await post('exceptions', { ...payload, account: 'corp-ldap/svc-bob' })).statusCode).toBe(404);
    expect((await post('exceptions', { ...payload, owner: 'bob@example.test' })).statusCode).toBe(403);
    expect((await post('sign-offs', { account: 'corp-ldap/svc-bob', by: 'bob@example.test', reason: 'r' })).statusCode).toBe(404);
    await store.query("update item set state = 'by-hand' where account = (select key from account where id = 'id-alice')");
    expect((await post('sign-offs', { account: 'corp-ldap/svc-alice', by: 'bob@example.test', reason: 'r' })).statusCode).toBe(403);
  });
});
