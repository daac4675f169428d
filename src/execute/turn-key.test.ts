// A key with generations in a run: as many resets as it takes and not one more, no reset twice whatever is lost, waits that outlive the process.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Campaign, type CampaignOptions, startCampaign } from '../../test/harness/campaign.ts';
import { testStore } from '../../test/harness/store.ts';
import { type KeyTarget, keyConnector, keyTarget } from '../../test/harness/turned-key.ts';
import type { Store } from '../store/sql.ts';
import type { AnyConnector } from '../wire/connections.ts';

let store: Store;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ store, close } = await testStore());
});
afterAll(() => close());

let serial = 0;
const begin = (target: KeyTarget, more: Partial<CampaignOptions> = {}): Promise<Campaign> =>
  startCampaign({
    store,
    systems: { [`dir-${serial++}`]: {} },
    own: keyConnector(target) as unknown as AnyConnector, // as the registry holds it
    settings: { patienceMs: 300 },
    ...more,
  });

type Row = { state: string; open: boolean; error: string | null; until: Date | null; why: string | null; attempt: number };
async function itemOf(c: Campaign): Promise<Row> {
  const [row] = await store.query<Row>(
    `select i.state, i.open, i.error, i.residual_until as until, i.residual_why as why, i.attempt from item i join run r on r.key = i.run where r.id = $1`,
    [c.run],
  );
  return row as Row;
}
/** As a worker does that looks at the clocks, `laterMs` from now. */
async function clocksRun(c: Campaign, laterMs = 0): Promise<void> {
  for (const run of await c.runs.reopenDue(new Date(Date.now() + laterMs))) await c.engine.sendAdvance(run);
}
async function untilEnd(c: Campaign): Promise<Row> {
  for (let n = 0; n < 6; n++) {
    await c.settle();
    if ((await itemOf(c)).state !== 'residual') break;
    await new Promise((resolve) => setTimeout(resolve, 20));
    await clocksRun(c);
  }
  return itemOf(c);
}
const dies = (): { at: Promise<void>; moment: () => Promise<void> } => {
  let reached: () => void = () => {};
  const at = new Promise<void>((resolve) => {
    reached = resolve;
  });
  return {
    at,
    moment: () => {
      reached();
      return new Promise(() => {});
    },
  };
};

describe('how many resets it takes is proved, not counted', () => {
  it.each([
    [0, 1],
    [1, 2],
    [2, 3],
  ])('a target that keeps %i older generations is done after %i', async (kept, resets) => {
    const target = keyTarget({ kept });
    const c = await begin(target);
    expect(await untilEnd(c)).toMatchObject({ state: 'complete' });
    expect(target.resets).toBe(resets);
    expect(await c.view()).toMatchObject({ state: 'complete', cells: { proved: 2, notProved: 0 } });
    await c.stop();
  });

  it('one that honours everything for ever is parked after the last, unproved', async () => {
    const target = keyTarget({ kept: 9 });
    const c = await begin(target);
    expect(await untilEnd(c)).toMatchObject({
      state: 'propagated',
      open: false,
      error: expect.stringContaining('still honoured after 3 resets'),
    });
    expect(target.resets).toBe(3);
    expect(await c.view()).toMatchObject({ state: 'incomplete', cells: { proved: 0, notProved: 2 } });
    await c.stop();
  });

  it('one that takes anything is not proved, and one whose fresh tickets it does not take is not reset at all', async () => {
    const anything = keyTarget({ acceptsAnything: true });
    const c = await begin(anything);
    await untilEnd(c);
    expect(await c.view()).toMatchObject({ state: 'incomplete', cells: { proved: 0 } });
    expect(anything.resets).toBe(1);
    await c.stop();
    const nothing = keyTarget({ kept: -1 });
    const d = await begin(nothing);
    expect(await untilEnd(d)).toMatchObject({ state: 'sealed', open: false, error: expect.stringContaining('would prove nothing') });
    expect(nothing.resets).toBe(0);
    await d.stop();
  });
});

describe('the wait between two resets', () => {
  it('is in the store with its end, holds nobody up, and no reset comes before it is over', async () => {
    const target = keyTarget({ kept: 1, lifeMs: 3_600_000 });
    const c = await begin(target);
    expect(await c.settle()).toMatchObject({ state: 'residual', counts: { residual: 1 } });
    const row = await itemOf(c);
    expect(row.why).toContain('reset 1 of at most 3 is on every replica');
    expect((row.until?.getTime() ?? 0) - Date.now()).toBeGreaterThan(3_500_000);
    await clocksRun(c);
    await c.settle();
    expect([target.resets, (await itemOf(c)).state]).toEqual([1, 'residual']);
    // Somebody opens it too early: the wait is counted from the record, not from who asks.
    await clocksRun(c, 4_000_000);
    await c.settle();
    expect([target.resets, (await itemOf(c)).state]).toEqual([1, 'residual']);
    target.lifeMs = 0;
    await clocksRun(c, 4_000_000);
    expect(await untilEnd(c)).toMatchObject({ state: 'complete' });
    expect(target.resets).toBe(2);
    await c.stop();
  });

  it('is left out in containment, where everybody authenticates again', async () => {
    const target = keyTarget({ kept: 2, lifeMs: 3_600_000 });
    const c = await begin(target, { mode: 'contain' });
    expect(await c.settle()).toMatchObject({ state: 'complete' });
    expect(target.resets).toBe(3);
    await c.stop();
  });

  it.each(['continuity', 'contain'] as const)('never begins before every writable replica has the reset (%s)', async (mode) => {
    const target = keyTarget({ kept: 1, stuck: new Set(['dc2']) });
    const c = await begin(target, { mode });
    await c.settle();
    expect(await itemOf(c)).toMatchObject({ state: 'residual', why: 'the reset is not yet on dc2' });
    await clocksRun(c, 3_600_000);
    await c.settle();
    expect(target.resets).toBe(1);
    target.stuck.clear();
    target.replicas.set('dc2', 6);
    await clocksRun(c, 3_600_000);
    expect(await untilEnd(c)).toMatchObject({ state: 'complete' });
    expect(target.resets).toBe(2);
    await c.stop();
  });
});

describe('a reset is never sent again by itself', () => {
  it('an answer lost after it is found by reading: it counts once', async () => {
    const target = keyTarget({ kept: 0, next: 'lose' });
    const c = await begin(target);
    expect(await untilEnd(c)).toMatchObject({ state: 'complete' });
    expect(target.resets).toBe(1);
    await c.stop();
  });

  it('one that never arrived waits for a person, whose retry sends exactly one', async () => {
    const target = keyTarget({ kept: 0, next: 'fail' });
    const c = await begin(target);
    await c.settle();
    expect(await itemOf(c)).toMatchObject({ state: 'in-doubt', open: false, error: expect.stringContaining('not sent again by itself') });
    await clocksRun(c, 3_600_000);
    await c.takeOver();
    await c.settle();
    expect([target.resets, (await itemOf(c)).state]).toEqual([0, 'in-doubt']);
    expect(await c.retry(['in-doubt'])).toBe(1);
    expect(await untilEnd(c)).toMatchObject({ state: 'complete' });
    expect(target.resets).toBe(1);
    await c.stop();
  });

  it('a retry finds one that arrived late, and sends none', async () => {
    const target = keyTarget({ kept: 0, next: 'fail' });
    const c = await begin(target);
    await c.settle();
    for (const replica of target.replicas.keys()) target.replicas.set(replica, 6);
    await c.retry(['in-doubt']);
    expect(await untilEnd(c)).toMatchObject({ state: 'complete' });
    expect(target.resets).toBe(0);
    await c.stop();
  });

  it('somebody else reset it between the decision and the call: nothing is sent, a retry decides anew', async () => {
    const target = keyTarget({ kept: 0 });
    let moved = false;
    target.moment = async (at) => {
      if (at !== 'before reset' || moved) return;
      moved = true;
      for (const replica of target.replicas.keys()) target.replicas.set(replica, 6);
    };
    const c = await begin(target);
    await c.settle();
    expect(await itemOf(c)).toMatchObject({ state: 'sealed', open: false, error: expect.stringContaining('somebody reset it meanwhile') });
    expect(target.resets).toBe(0);
    await c.stop();
  });

  it.each([
    ['after the decision, before anything was sent', 'before present', 0, 'complete', 1],
    ['after it was recorded as sent, before it left', 'before reset', 0, 'in-doubt', 0],
    ['after the target took it', 'after reset', 1, 'complete', 1],
  ] as const)('a process that dies %s', async (_, moment, before, state, resets) => {
    const target = keyTarget({ kept: 0 });
    const death = dies();
    target.moment = (at) => (at === moment ? death.moment() : Promise.resolve());
    const c = await begin(target);
    await death.at;
    expect(target.resets).toBe(before);
    target.moment = async () => {};
    await c.takeOver();
    expect(await untilEnd(c)).toMatchObject({ state });
    expect(target.resets).toBe(resets);
    await c.stop();
  });

  it('a process that dies during the wait: another one goes on when the clock has run, with the ticket from before the first reset', async () => {
    const target = keyTarget({ kept: 1, lifeMs: 3_600_000 });
    const c = await begin(target);
    await c.settle();
    expect(target.resets).toBe(1);
    await c.takeOver();
    await c.settle();
    expect(target.resets).toBe(1);
    target.lifeMs = 0;
    await clocksRun(c, 4_000_000);
    expect(await untilEnd(c)).toMatchObject({ state: 'complete' });
    expect(target.resets).toBe(2);
    const secrets = await store.query(
      `select s.version, s.state from secret s join item i on i.account = s.account join run r on r.key = i.run where r.id = $1`,
      [c.run],
    );
    expect(secrets).toEqual([{ version: 1, state: 'disproved' }]);
    await c.stop();
  });
});

it('proved again later: a restored backup that honours the old key again is a failure with an alert', async () => {
  const target = keyTarget({ kept: 0 });
  const c = await begin(target);
  expect(await untilEnd(c)).toMatchObject({ state: 'complete' });
  target.kept = 3;
  await clocksRun(c, 2 * 3_600_000);
  await c.settle();
  expect(await itemOf(c)).toMatchObject({ state: 'failed', error: expect.stringContaining('came back to life') });
  await c.stop();
});
