import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Campaign, type CampaignOptions, plainEscrow, startCampaign } from '../../test/harness/campaign.ts';
import { testStore } from '../../test/harness/store.ts';
import { twinOracle } from '../connectors/twin/oracle.ts';
import { initialSecret } from '../connectors/twin/seeded.ts';
import type { Store } from '../store/sql.ts';
import type { SealedSecret } from './port.ts';

let store: Store;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ store, close } = await testStore());
});
afterAll(() => close());

let serial = 0;
const none = { unowned: 0, shared: 0, disabled: 0, privileged: 0 };
const twinOf = (more: object = {}, accounts: object = {}) => ({
  seed: `s${serial++}`,
  accounts: { people: 6, services: 0, ...none, ...accounts },
  ...more,
});

/** Everyone's old secret known, so that each item can be proved by probing. */
async function campaign(twin: { seed: string }, more: Partial<CampaignOptions> = {}): Promise<Campaign & { system: string }> {
  const system = `twin-${serial++}`;
  const oracle = twinOracle(system, twin);
  const leaked = Object.fromEntries([...oracle.accounts()].map(({ id, name }) => [name, initialSecret(twin.seed, system, id)]));
  const started = await startCampaign({ store, systems: { [system]: twin }, leaked, ...more });
  return { ...started, system };
}

/** What the escrow says is live, opened. */
async function live(system: string): Promise<Map<string, string>> {
  const rows = await store.query<{
    id: string;
    account: string;
    origin: SealedSecret['origin'];
    version: number;
    state: SealedSecret['state'];
    sealed: Buffer;
  }>(
    `select a.id, a.key::text as account, s.origin, s.version, s.state, s.sealed from account a join secret s on s.account = a.key where a.system = $1 and s.state = 'live' and s.origin = 'generated'`,
    [system],
  );
  const opened = await Promise.all(
    rows.map(async (r) => [r.id, (await plainEscrow.open(r.account, { ...r, dataKey: '1' })).text((t) => t)] as const),
  );
  return new Map(opened);
}

describe('a campaign over one system', () => {
  it('every account ends on the value the escrow calls live, and its old value is proved refused', async () => {
    const twin = twinOf();
    const c = await campaign(twin);
    const view = await c.settle();
    expect(view).toMatchObject({ state: 'complete', counts: { complete: 6 }, cells: { proved: 6, notProved: 0 } });
    const oracle = twinOracle(c.system, twin);
    for (const [id, value] of await live(c.system)) {
      expect(oracle.accepts(id, value)).toBe(true);
      expect(oracle.accepts(id, initialSecret(twin.seed, c.system, id))).toBe(false);
      expect(oracle.writes(id)).toBe(1);
    }
    await c.stop();
  });

  it('a reply lost after the write is settled by probing: applied once, never written again', async () => {
    const twin = twinOf({ faults: [{ op: 'set', kind: 'swallow-reply', everyNth: 2 }] });
    const c = await campaign(twin);
    const view = await c.settle();
    expect(view).toMatchObject({ state: 'complete', counts: { complete: 6 } });
    const oracle = twinOracle(c.system, twin);
    for (const [id, value] of await live(c.system)) {
      expect(oracle.accepts(id, value)).toBe(true);
      expect(oracle.writes(id)).toBe(1);
    }
    await c.stop();
  });

  it('a request that never arrived is found unchanged and the same candidate is sent again', async () => {
    const twin = twinOf({ faults: [{ op: 'set', kind: 'lose-request', until: 3 }] });
    const c = await campaign(twin);
    expect(await c.settle()).toMatchObject({ state: 'complete' });
    const candidates = await store.query<{ n: number }>(
      `select count(*)::int as n from secret s join account a on a.key = s.account where a.system = $1 and s.origin = 'generated'`,
      [c.system],
    );
    expect(candidates[0]?.n).toBe(6);
    await c.stop();
  });

  it('an account that accepts anything is not proved, and the run does not read complete', async () => {
    const c = await campaign(twinOf({ faults: [{ op: 'probe', kind: 'accept-any' }] }));
    const view = await c.settle();
    expect(view.state).toBe('incomplete');
    expect(view.failures[0]?.error).toMatch(/nonsense secret was accepted/);
    await c.stop();
  });

  it('a second stored value and a value that goes on being honoured are caught', async () => {
    for (const faults of [[{ op: 'set', kind: 'second-value' }], [{ op: 'set', kind: 'stale' }]]) {
      const c = await campaign(twinOf({ faults }));
      const view = await c.settle();
      expect(view.state).toBe('incomplete');
      expect(view.failures[0]?.error).toMatch(/STILL ACCEPTED/);
      await c.stop();
    }
  });

  it('with the old secret unknown, state and a canary close the cell; without the canary they do not', async () => {
    const named = [{ name: 'rekey-canary', kind: 'service' }];
    const withCanary = await campaign(twinOf({}, { named }), { leaked: {}, canaries: ['rekey-canary'] });
    const proved = await withCanary.settle();
    expect(proved).toMatchObject({ state: 'complete', counts: { complete: 7 } });
    const levels = await store.query<{ level: string; n: number }>(
      `select c.level, count(*)::int as n from cell c join item i on i.key = c.item join run r on r.key = i.run where r.id = $1 group by 1 order by 1`,
      [withCanary.run],
    );
    expect(levels).toEqual([
      { level: 'probed', n: 1 },
      { level: 'state+canary', n: 6 },
    ]);
    await withCanary.stop();
    const without = await campaign(twinOf(), { leaked: {} });
    const view = await without.settle();
    expect(view.state).toBe('incomplete');
    expect(view.cells).toMatchObject({ proved: 0, notProved: 6 });
    await without.stop();
  });

  it('a threshold of three locks nobody out; a threshold of two is only inferred', async () => {
    const tight = twinOf({ lockout: { threshold: 3 } });
    const c = await campaign(tight);
    expect(await c.settle()).toMatchObject({ state: 'complete' });
    expect(twinOracle(c.system, tight).lockedOut()).toEqual([]);
    await c.stop();
    const tighter = twinOf({ lockout: { threshold: 2 } });
    const d = await campaign(tighter);
    const view = await d.settle();
    expect(view.counts.complete ?? 0).toBe(0);
    const cells = await store.query<{ verdict: string }>(
      `select distinct c.verdict from cell c join item i on i.key = c.item join run r on r.key = i.run where r.id = $1`,
      [d.run],
    );
    expect(cells).toEqual([{ verdict: 'inferred' }]);
    expect(twinOracle(d.system, tighter).lockedOut()).toEqual([]);
    await d.stop();
  });

  it('what each lane took is kept for the next prediction by its size, the canary’s beside the long one', async () => {
    const twin = twinOf();
    const canary = [...twinOracle('names', twin).accounts()][0]?.name as string;
    const c = await campaign(twin, { canaries: [canary] });
    await c.settle();
    const [row] = await store.query<{ pace: object }>(`select pace from system where id = $1`, [c.system]);
    const lane = (items: number) => ({ items, ms: expect.any(Number), fixedMs: expect.any(Number) });
    expect(row?.pace).toEqual({ lanes: { 0: lane(1), 2: lane(5) } });
    await c.stop();
  });

  it('a lagging replica is waited for by reading its state; no login is tried on it before', async () => {
    const twin = twinOf({ replicas: { count: 2, lagMs: 600 }, lockout: { threshold: 3 } });
    const c = await campaign(twin);
    expect(await c.settle()).toMatchObject({ state: 'complete', cells: { proved: 12 } });
    expect(twinOracle(c.system, twin).lockedOut()).toEqual([]);
    await c.stop();
  });

  it('sessions opened before the change are ended before anything is called revoked', async () => {
    const twin = twinOf({ sessions: 2 });
    const c = await campaign(twin);
    expect(await c.settle()).toMatchObject({ state: 'complete' });
    const oracle = twinOracle(c.system, twin);
    for (const { id } of oracle.accounts()) expect(oracle.openSessions(id)).toBe(0);
    await c.stop();
  });

  it('contain leaves nobody blocked when its proof holds', async () => {
    const twin = twinOf();
    const c = await campaign(twin, { mode: 'contain' });
    expect(await c.settle()).toMatchObject({ state: 'complete' });
    const oracle = twinOracle(c.system, twin);
    for (const { id } of oracle.accounts()) expect(oracle.blocked(id)).toBe(false);
    await c.stop();
  });

  it('pause stops new work and resume finishes it; a run is never both paused and moving', async () => {
    const twin = twinOf({ latencyMs: 200 }, { people: 120 });
    const c = await campaign(twin);
    await new Promise((resolve) => setTimeout(resolve, 600));
    await store.query(`update run set state = 'paused' where id = $1`, [c.run]);
    await c.engine.idle();
    const paused = await c.view();
    expect(paused.state).toBe('paused');
    expect(paused.counts.complete ?? 0).toBeLessThan(120);
    await store.query(`update run set state = 'running' where id = $1`, [c.run]);
    await c.engine.sendAdvance(c.run);
    expect(await c.settle()).toMatchObject({ state: 'complete', counts: { complete: 120 } });
    await c.stop();
  });

  it('a system that stays unreachable is halted with its reason and the others finish', async () => {
    const down = twinOf({ faults: [{ op: 'set', kind: 'unreachable' }] }, { people: 12 });
    const up = twinOf();
    const a = `twin-${serial++}`;
    const b = `twin-${serial++}`;
    const leaked = Object.fromEntries([...twinOracle(b, up).accounts()].map(({ id, name }) => [name, initialSecret(up.seed, b, id)]));
    const c = await startCampaign({
      store,
      systems: { [a]: down, [b]: up },
      leaked,
      settings: { breaker: { failures: 5, coolMs: 50, trials: 2 } },
    });
    const view = await c.settle();
    expect(view.state).toBe('incomplete');
    expect(view.systems.find((s) => s.system === a)).toMatchObject({ state: 'halted' });
    expect(view.counts.complete).toBe(6);
    expect(view.parked).toBe(12);
    await c.stop();
  });
});
