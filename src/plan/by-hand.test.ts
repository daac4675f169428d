// Tasks for people in a plan: none is lost, none is attempted, each has its instruction and its place in the order, and all count as not covered.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Planning, testPlanning } from '../../test/harness/planning.ts';
import { testStore } from '../../test/harness/store.ts';
import type { Store } from '../store/sql.ts';

let store: Store;
let close: () => Promise<void>;
let planning: Planning;
beforeAll(async () => {
  ({ store, close } = await testStore());
});
afterAll(() => close());
beforeEach(async () => {
  planning = await testPlanning(store);
});

const task = (name: string, order: number, more: object = {}) => ({
  name,
  tier: 0,
  facts: { byHand: { task: `task ${order}`, order, instruction: `run tool ${order} on ${name}`, mark: 'm1' } },
  ...more,
});

it('each has its instruction and a wave of its own kind, behind what Rekey resets itself and before the next tier', async () => {
  await planning.accounts([task('trust', 2), task('root-key', 1), task('dsrm', 3), { name: 'svc0', tier: 0 }, { name: 'svc1', tier: 1 }]);
  const plan = await planning.create({ where: 'all' });
  const items = await planning.items(plan.id);
  expect(items.map((item) => [item.account, item.action, item.byHand])).toEqual([
    ['svc0', 'rotate', null],
    ['root-key', 'by-hand', 'run tool 1 on root-key'],
    ['trust', 'by-hand', 'run tool 2 on trust'],
    ['dsrm', 'by-hand', 'run tool 3 on dsrm'],
    ['svc1', 'rotate', null],
  ]);
  expect(plan.waves.map(({ name, items: n, byHand }) => [name, n, byHand])).toEqual([
    ['tier 0 services', 1, 0],
    ['tier 0 by hand 1 of 3', 0, 1],
    ['tier 0 by hand 2 of 3', 0, 1],
    ['tier 0 by hand 3 of 3', 0, 1],
    ['tier 1 services', 1, 0],
  ]);
});

it('they count as not covered until signed, and are neither blocked nor rotated', async () => {
  await planning.accounts([task('trust', 2), task('dsrm', 3)]);
  const plan = await planning.create({ where: 'all' });
  expect(plan.totals).toMatchObject({ selected: 2, rotate: 0, blocked: 0, skipped: 0, byHand: 2 });
  expect(plan.notCovered).toContainEqual(
    expect.objectContaining({ reason: 'by-hand', count: 2, hint: expect.stringContaining('sign-off') }),
  );
});

it('a key with generations is the last of its tier and says what the wait is; where the connector cannot turn it, it is a task', async () => {
  const key = { ...task('krbtgt', 9), facts: { ...task('krbtgt', 9).facts, generations: { resets: 3, waitMs: 36_600_000 } } };
  await planning.accounts([
    key,
    task('trust', 2),
    { name: 'svc0', tier: 0 },
    { name: 'svc1', tier: 1 },
    { ...key, system: 'legacy', name: 'other' },
  ]);
  const plan = await planning.create({ where: 'system = corp' });
  expect((await planning.items(plan.id)).map((item) => [item.account, item.action])).toEqual([
    ['svc0', 'rotate'],
    ['trust', 'by-hand'],
    ['krbtgt', 'rotate'],
    ['svc1', 'rotate'],
  ]);
  expect(plan.waves.map((wave) => wave.name)).toContain('tier 0 ticket keys');
  expect(plan.warnings).toContainEqual(
    expect.stringMatching(/corp\/krbtgt is reset until .* at most 3 times, with 610 minutes .*up to 1220 minutes/),
  );
  const contained = await planning.create({ where: 'name = krbtgt', mode: 'contain' });
  expect(contained.warnings).toContainEqual(expect.stringContaining('everybody and every service authenticates again'));
  const elsewhere = await planning.create({ where: 'system = legacy' });
  expect(elsewhere.totals).toMatchObject({ rotate: 0, byHand: 1 });
});

it('what has no owner is blocked: nobody could sign it', async () => {
  await planning.accounts([task('trust', 2, { owners: [] })]);
  const plan = await planning.create({ where: 'all' });
  expect(plan.blockers).toMatchObject([{ reason: 'no-owner', count: 1 }]);
});

it('they bring no canary and no sample into the plan, and another task voids it', async () => {
  await planning.accounts([{ system: 'hr', name: 'canary' }, task('key', 1, { system: 'hr' })]);
  const plan = await planning.create({ where: 'name = key' });
  expect(plan.totals.selected).toBe(1);
  await store.query(`update account set facts = jsonb_set(facts, '{byHand,instruction}', '"something else"') where name = 'key'`);
  await expect(planning.checkDrift(plan.id)).rejects.toMatchObject({ code: 'plan-stale' });
});
