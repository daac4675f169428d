// A plan over a real store: every selected account stands in it once, in the right wave, with a reason where it is not rotated.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Planning, testPlanning } from '../../test/harness/planning.ts';
import { testStore } from '../../test/harness/store.ts';
import type { Store } from '../store/sql.ts';
import { readItemLine } from './item-line.ts';

let store: Store;
let close: () => Promise<void>;
let p: Planning;
beforeAll(async () => {
  ({ store, close } = await testStore());
}, 60_000);
afterAll(() => close());
beforeEach(async () => {
  p = await testPlanning(store);
});

describe('every account stands in the plan once', () => {
  it('with sums that close, and a reason for each that is not rotated', async () => {
    await p.accounts([
      { name: 'ok' },
      { name: 'ownerless', owners: [] },
      { name: 'two', owners: ['a', 'b'] },
      { name: 'shared', shared: true },
      { name: 'off', enabled: false },
      { name: 'gone', gone: true },
      { name: 'self', facts: { own: true } },
      { system: 'legacy', name: 'stuck' },
    ]);
    const plan = await p.create({ where: 'all' });
    const { totals } = plan;
    expect(totals).toMatchObject({ selected: 8, rotate: 1, blocked: 5, skipped: 2, contain: 0 });
    expect(totals.rotate + totals.contain + totals.blocked + totals.skipped).toBe(totals.selected);
    expect(Object.fromEntries(plan.blockers.map((b) => [b.reason, b.sample]))).toEqual({
      'no-owner': ['corp/ownerless'],
      'two-owners': ['corp/two'],
      shared: ['corp/shared'],
      'own-credential': ['corp/self'],
      'connector-cannot': ['legacy/stuck'],
    });
    expect(plan.blockers.find((b) => b.reason === 'connector-cannot')?.hint).toContain('it has no API');
    const items = await p.items(plan.id);
    expect(items).toHaveLength(8);
    expect(items.filter((i) => i.action !== 'rotate').every((i) => i.reason !== null)).toBe(true);
  });
  it('an owner whose every account is disabled or gone answers for nothing', async () => {
    await p.accounts([
      { name: 'left', kind: 'human', identity: 'left@x', owners: ['left@x'], enabled: false },
      { name: 'here', kind: 'human', identity: 'here@x', owners: ['here@x'] },
      { name: 'here-old', kind: 'human', identity: 'here@x', owners: ['here@x'], enabled: false },
      { name: 'orphan', owners: ['left@x'] },
      { name: 'kept', owners: ['here@x'] },
    ]);
    const plan = await p.create({ where: 'kind = service' });
    expect(plan.blockers).toMatchObject([{ reason: 'owner-disabled', sample: ['corp/orphan'] }]);
    expect(plan.totals.rotate).toBe(1);
  });
  it('and nothing the selector did not name', async () => {
    await p.accounts([{ name: 'svc-1' }, { name: 'svc-2' }, { name: 'other' }]);
    const plan = await p.create({ where: 'name ~ "svc-*"' });
    expect((await p.items(plan.id)).map((i) => i.account)).toEqual(['svc-1', 'svc-2']);
  });
  it('a selection of nothing is a valid plan that does nothing', async () => {
    const plan = await p.create({ where: 'name = nobody' });
    expect(plan).toMatchObject({ waves: [], blockers: [], predicted: { seconds: 0 }, totals: { selected: 0 } });
    expect(plan.warnings).toEqual(['Nothing matches: this plan changes nothing.']);
    await expect(p.checkDrift(plan.id)).resolves.toMatchObject({ id: plan.id });
  });
});

describe('order', () => {
  it('tiers in turn; people before services in tier 0, services before people below', async () => {
    await p.accounts([
      { name: 'user3', kind: 'human', tier: 3 },
      { name: 'svc3', tier: 3 },
      { name: 'user1', kind: 'human', tier: 1 },
      { name: 'svc1', tier: 1 },
      { name: 'svc0', tier: 0 },
      { name: 'admin0', kind: 'human', tier: 0 },
    ]);
    const plan = await p.create({ where: 'all' });
    expect((await p.items(plan.id)).map((i) => i.account)).toEqual(['admin0', 'svc0', 'svc1', 'user1', 'svc3', 'user3']);
    expect(plan.waves.map((w) => w.name)).toEqual([
      'tier 0 people',
      'tier 0 services',
      'tier 1 services',
      'tier 1 people',
      'tier 3 services',
      'tier 3 people',
    ]);
    expect(plan.waves.map((w) => w.n)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(plan.totals.tier0).toBe(2);
  });
  it('who uses a secret goes before the secret; a circle shares a wave and is reported', async () => {
    await p.accounts([
      { name: 'db', consumers: ['corp/app', 'a/b/c', 'corp/nobody'] },
      { name: 'app', login: 'app-login', consumers: ['corp/batch'] },
      { name: 'batch' },
      { name: 'left', consumers: ['corp/right'] },
      { name: 'right', consumers: ['corp/left', 'corp/right'] },
    ]);
    const plan = await p.create({ where: 'all' });
    const wave = Object.fromEntries((await p.items(plan.id)).map((i) => [i.account, i.wave]));
    expect(wave).toEqual({ batch: 1, left: 1, right: 1, app: 2, db: 3 });
    expect(plan.waves.map((w) => w.name)).toEqual(['tier 2 services 1 of 3', 'tier 2 services 2 of 3', 'tier 2 services 3 of 3']);
    expect(plan.warnings.join()).toContain('A circle: corp/left, corp/right');
  });
  it('a lower tier that holds a higher tier’s secret is a warning', async () => {
    await p.accounts([
      { name: 'vault', tier: 0, consumers: ['corp/cron'] },
      { name: 'cron', tier: 3 },
    ]);
    expect((await p.create({ where: 'all' })).warnings.join()).toContain('used by an account of a lower tier');
  });
  it('the system’s canary and a sample of the long tail go first, in wave 0', async () => {
    await p.accounts([
      { system: 'hr', name: 'uid=canary', login: 'canary', owners: [] },
      ...Array.from({ length: 150 }, (_, i) => ({ system: 'hr', name: `u${i}`, kind: 'human' as const, tier: i < 140 ? 1 : 3 })),
    ]);
    const plan = await p.create({ where: 'kind = human' });
    const first = (await p.items(plan.id)).filter((i) => i.wave === 0);
    expect(plan.waves[0]).toMatchObject({ n: 0, name: 'canary', items: 3 });
    expect(first.map((i) => i.account).sort()).toEqual(['u140', 'u141', 'uid=canary']);
    expect(plan.warnings.join()).toContain('hr/uid=canary');
    const rows = await store.query<{ line: string; canary: boolean }>('select line, canary from plan_item where plan = $1 and canary', [
      plan.id,
    ]);
    expect(rows.map((r) => readItemLine(r.line).account)).toEqual(['uid=canary']);
  });
  it('an unknown canary blocks by name', async () => {
    await p.accounts([{ system: 'hr', name: 'u' }]);
    expect((await p.create({ where: 'all' })).blockers).toMatchObject([{ reason: 'canary-unknown', sample: ['hr/canary'] }]);
  });
  it('break-glass and sync accounts come last, and one way in always stays', async () => {
    await p.accounts([
      { name: 'bg1', tags: ['break-glass'], tier: 0 },
      { name: 'bg2', tags: ['break-glass'], tier: 0 },
      { name: 'sync', tags: ['sync'], tier: 0 },
      { name: 'u', tier: 3 },
    ]);
    const plan = await p.create({ where: 'all' });
    expect((await p.items(plan.id)).map((i) => [i.account, i.action])).toEqual([
      ['u', 'rotate'],
      ['bg1', 'rotate'],
      ['sync', 'rotate'],
      ['bg2', 'blocked'],
    ]);
    expect(plan.waves.at(-1)?.name).toBe('break-glass and sync');
    const own = await p.create({ where: 'name = bg2' });
    expect(own.totals).toMatchObject({ rotate: 1, blocked: 0 });
  });
  it('an account tagged contain has a wave of that mode, before its like', async () => {
    await p.accounts([{ name: 'calm' }, { name: 'burning', tags: ['contain'] }]);
    expect((await p.create({ where: 'all', mode: 'continuity' })).waves).toMatchObject([
      { name: 'tier 2 services (contain)', mode: 'contain', items: 1 },
      { name: 'tier 2 services', mode: 'continuity', items: 1 },
    ]);
  });
});

describe('what the header says', () => {
  it('has the hash of its stored bytes, and the digest of its lines in order', async () => {
    await p.accounts([{ name: 'a' }, { name: 'b', kind: 'human' }]);
    const plan = await p.create({ where: 'all' });
    const [row] = await store.query<{ header: string; hash: string }>('select header, hash from plan where id = $1', [plan.id]);
    expect(createHash('sha256').update(row!.header).digest('hex')).toBe(plan.hash);
    expect(row!.hash).toBe(plan.hash);
    const lines = await store.query<{ line: string }>('select line from plan_item where plan = $1 order by seq', [plan.id]);
    const digest = createHash('sha256')
      .update(lines.map((l) => `${l.line}\n`).join(''))
      .digest('hex');
    expect(JSON.parse(row!.header)).toMatchObject({ items: { count: 2, digest } });
  });
  it('counts consumers, unknown consumers and known old secrets, and lists what is not covered', async () => {
    await p.accounts([
      { name: 'mapped', consumers: ['pay', 'web'], old: true },
      { name: 'unmapped', facts: { otherSecrets: ['sshPublicKey'] } },
      { name: 'user', kind: 'human' },
      { name: 'off', enabled: false },
    ]);
    const plan = await p.create({ where: 'all' });
    expect(plan.totals).toMatchObject({ consumers: 2, unknownConsumers: 1, oldKnown: 1 });
    const gaps = Object.fromEntries(plan.notCovered.map((g) => [g.reason, g.sample]));
    expect(gaps).toMatchObject({
      'unknown-consumers': ['corp/unmapped'],
      'other-secrets': ['corp/unmapped: sshPublicKey'],
      'old-secret-unknown': ['corp/unmapped', 'corp/user'],
      disabled: ['corp/off'],
      'sessions-survive': ['corp: the protocol has no list of sessions'],
      'derivative-survives': ['corp: open connections (until closed)'],
      'never-discovered': ['hr', 'legacy'],
    });
  });
  it('warns when it resets the people who run it', async () => {
    await p.accounts([{ name: 'uid=carol', login: 'carol', kind: 'human' }]);
    expect((await p.create({ where: 'all' }, 'carol')).warnings.join()).toContain('carol (corp/uid=carol)');
  });
  it('is the same plan, but for id and time, when made twice', async () => {
    await p.accounts(Array.from({ length: 40 }, (_, i) => ({ name: `n${i}`, tier: i % 4 })));
    const one = await p.create({ where: 'all' });
    const two = await p.create({ where: 'all' });
    expect({ ...two, id: '', hash: '' }).toEqual({ ...one, id: '', hash: '' });
    expect(two.id).not.toBe(one.id);
  });
});

it('refuses a plan without reason, with an unusable name or lifetime, or an invalid selector, and stores nothing', async () => {
  const before = await store.query('select id from plan');
  for (const bad of [
    { reason: ' ' },
    { name: 'a\nb' },
    { name: '' },
    { expiresInHours: 0 },
    { expiresInHours: 1e9 },
    { where: 'tier = 9' },
    { where: '' },
  ]) {
    await expect(p.create({ where: 'all', ...bad })).rejects.toMatchObject({ name: 'Problem' });
  }
  expect(await store.query('select id from plan')).toEqual(before);
});

it('a plan that fails half-way leaves nothing behind', async () => {
  await p.accounts([{ name: 'a' }]);
  const before = await store.query('select id from plan');
  await store.query(`alter table plan_item add constraint broken check (system <> 'corp') not valid`);
  await expect(p.create({ where: 'all' })).rejects.toThrow();
  await store.query('alter table plan_item drop constraint broken');
  expect(await store.query('select id from plan')).toEqual(before);
});

it('pages through plans and items without gap or repeat', async () => {
  await p.accounts(Array.from({ length: 7 }, (_, i) => ({ name: `n${i}` })));
  const made = [(await p.create({ where: 'all' })).id, (await p.create({ where: 'all' })).id, (await p.create({ where: 'all' })).id];
  expect((await p.pages(2)).filter((id) => made.includes(id)).sort()).toEqual([...made].sort());
  expect((await p.items(made[0]!, 3)).map((i) => i.account)).toEqual(['n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6']);
});
