import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Planning, type TestAccount, testPlanning } from '../../test/harness/planning.ts';
import { testStore } from '../../test/harness/store.ts';
import type { Store } from '../store/sql.ts';

let store: Store;
let close: () => Promise<void>;
let planning: Planning;
beforeAll(async () => ({ store, close } = await testStore()));
afterAll(() => close());
beforeEach(async () => {
  planning = await testPlanning(store);
  planning.estate.systems = planning.estate.systems.filter(({ id }) => id !== 'legacy').map(({ canary: _, ...spec }) => spec);
  planning.estate.sync = [{ name: 'office', systems: ['corp', 'hr'] }];
  await policy('corp', { minLength: 30 });
  await policy('hr', { maxLength: 64, exclude: '-' });
});

const policy = (system: string, value: object | null) =>
  store.query('update system set policy = $2::jsonb, policy_at = now() where id = $1', [
    system,
    value === null ? null : JSON.stringify(value),
  ]);
const human = (system: string, name: string, more: Partial<TestAccount> = {}): TestAccount => ({
  system,
  name,
  kind: 'human',
  person: `${name}@acme.test`,
  ...more,
});
/** An account of nobody known. */
const nobody: Partial<TestAccount> = { person: '' };
const reasons = (plan: { blockers: readonly { reason: string }[] }) => plan.blockers.map(({ reason }) => reason);

describe('a plan over a sync group', () => {
  test('says the value that fits all, which accounts get it, and that the directory goes before what follows it', async () => {
    await planning.accounts([
      human('corp', 'alice'),
      human('hr', 'alice', { kind: 'unknown' }),
      human('corp', 'bob'),
      human('hr', 'nobody', nobody),
    ]);
    const plan = await planning.create({ where: 'all' });
    expect(plan.sync).toMatchObject([
      {
        name: 'office',
        systems: [
          { system: 'corp', takes: 'value', policy: 'at least 30 characters' },
          { system: 'hr', takes: 'value', policy: 'at most 64, without -' },
        ],
        form: { length: 30, sets: { symbol: '_.+~!*=,' } },
        accounts: 3,
        order: 'corp in wave 1, then hr in wave 2',
      },
    ]);
    expect(plan.waves.map(({ name }) => name)).toEqual(['tier 2 people 1 of 2', 'tier 2 people 2 of 2']);
    expect(plan.people).toEqual({ count: 2, further: 0, sample: [] });
    expect(plan.warnings).toContain('1 account of synchronised systems belong to no known person: each gets a value of its own.');
    const items = await planning.items(plan.id);
    expect(items.map(({ system, account, wave, sync, person }) => [system, account, wave, sync, person])).toEqual([
      ['corp', 'alice', 1, 'office', 'alice@acme.test'],
      ['corp', 'bob', 1, 'office', 'bob@acme.test'],
      ['hr', 'nobody', 1, null, null],
      ['hr', 'alice', 2, 'office', 'alice@acme.test'],
    ]);
  });

  test('blocks what cannot share a value, and names the two systems with their rules', async () => {
    await planning.accounts([human('corp', 'alice'), human('hr', 'alice'), human('hr', 'lone', nobody)]);
    await policy('hr', { maxLength: 24 });
    const plan = await planning.create({ where: 'all' });
    expect(plan.totals).toMatchObject({ rotate: 1, blocked: 2 });
    expect(plan.blockers).toMatchObject([
      {
        reason: 'sync-policies',
        count: 2,
        hint: expect.stringMatching(
          /^corp \(at least 30 characters\) and hr \(at most 24\): one rule asks for at least 30 characters.*sync group office/,
        ),
      },
    ]);
    expect(plan.sync[0]).toMatchObject({ form: null, accounts: 0, order: 'none of its accounts comes after wave 0' });
  });

  test('a policy that nobody has read yet blocks, one that the target does not state does not', async () => {
    await planning.accounts([human('corp', 'alice'), human('hr', 'alice')]);
    await store.query(`update system set policy = null, policy_at = null where id = 'hr'`);
    expect(reasons(await planning.create({ where: 'all' }))).toEqual(['sync-policy-unread']);
    await policy('hr', null);
    expect(reasons(await planning.create({ where: 'all' }))).toEqual([]);
  });

  test('an account that fits two people is blocked with the reason where its value depends on whose it is, and nowhere else', async () => {
    const doubt = { ...nobody, personWhy: '2 accounts of corp fit a@x: alice, alice2' };
    await planning.accounts([human('corp', 'alice', doubt)]);
    const plan = await planning.create({ where: 'all' });
    expect(plan.blockers).toMatchObject([{ reason: 'person-ambiguous', count: 1, sample: [`corp/alice: ${doubt.personWhy}`] }]);
    planning.estate.sync = [];
    expect(reasons(await planning.create({ where: 'all' }))).toEqual([]);
  });

  test('accounts of its people that it does not hold are counted and named, never pulled in', async () => {
    await planning.accounts([human('corp', 'alice'), human('hr', 'alice'), human('corp', 'bob'), human('hr', 'bob', { gone: true })]);
    const plan = await planning.create({ where: 'system = corp' });
    expect(plan.totals.selected).toBe(2);
    expect(plan.people).toEqual({ count: 2, further: 1, sample: ['alice@acme.test'] });
    expect(plan.warnings).toContain(
      '1 person has further accounts outside this plan: alice@acme.test. Their old secrets go on working there.',
    );
    expect((await planning.create({ where: 'person = alice@acme.test' })).people).toEqual({ count: 1, further: 0, sample: [] });
  });

  test('tiers outweigh the order of a group, and the plan says so', async () => {
    await planning.accounts([human('corp', 'alice', { tier: 3 }), human('hr', 'alice', { tier: 1 })]);
    const plan = await planning.create({ where: 'all' });
    expect(plan.sync[0]?.order).toBe('hr in wave 1, then corp in wave 2');
    expect(plan.warnings.find((each) => each.includes('sync group office'))).toMatch(/hr does not come after corp: tiers decide/);
  });
});

test('a plan is stale once another person is known for one of its accounts, or the groups of rekey.yaml changed', async () => {
  await planning.accounts([human('corp', 'alice'), human('hr', 'alice')]);
  const plan = await planning.create({ where: 'all' });
  await planning.checkDrift(plan.id);
  planning.estate.sync = [{ name: 'office', systems: ['hr', 'corp'] }];
  await expect(planning.checkDrift(plan.id)).rejects.toMatchObject({ code: 'plan-stale', details: [{ place: 'sync' }] });
  planning.estate.sync = [{ name: 'office', systems: ['corp', 'hr'] }];
  await store.query(`update account set person = 'mallory' where system = 'hr'`);
  await expect(planning.checkDrift(plan.id)).rejects.toMatchObject({
    code: 'plan-stale',
    details: [{ place: 'hr/alice', message: 'its person was alice@acme.test, is mallory' }],
  });
});
