// Tasks by hand in a run: they wait, harmless; only an owner's word closes them, only where the target does not contradict it, and it never reads proved.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Campaign, startCampaign } from '../../test/harness/campaign.ts';
import { testStore } from '../../test/harness/store.ts';
import { type AccountState, defineConnector, done, type Outcome, refused } from '../kit/kit.ts';
import { pathSupports } from '../kit/roles.ts';
import { signOffStore } from '../store/sign-offs.ts';
import type { Store } from '../store/sql.ts';
import type { AnyConnector } from '../wire/connections.ts';
import { advance } from './advance.ts';
import { type SignOff, signOff } from './sign-off.ts';

let store: Store;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ store, close } = await testStore());
});
afterAll(() => close());

type Target = { state: Outcome<AccountState>; writes: number };
const unchanged = (): Outcome<AccountState> => done({ marker: 'm1', usable: true, changedAt: new Date(Date.now() - 3_600_000) });
let serial = 0;

async function begin(target: Target, names: readonly string[] = ['trust']): Promise<{ c: Campaign; system: string; deps: SignOff }> {
  const system = `dir-${serial++}`;
  const connector = defineConnector({
    id: 'directory',
    title: 'A directory',
    role: 'system',
    config: z.strictObject({}),
    supports: { ...pathSupports, inventory: true, setSecret: true, state: true, probe: true },
    permissions: {},
    derivatives: [],
    pace: { perSecond: 100, concurrency: 8, setMs: 1, probeMs: 1 },
    open: async () => ({
      inventory: {
        page: async () =>
          done({
            items: names.map((id, order) => ({
              id,
              name: id,
              kind: 'service' as const,
              enabled: true,
              privileged: true,
              byHand: { task: 'trusts', order, instruction: `netdom trust ${id}`, mark: 'm1' },
              facts: {},
            })),
          }),
      },
      setSecret: {
        set: async () => {
          target.writes++;
          return done(undefined);
        },
      },
      state: { replicas: async () => ['dc1'], read: async () => target.state },
      probe: { paths: async () => [], attempt: async () => ({ verdict: 'indeterminate' as const, code: '0' }) },
      async [Symbol.asyncDispose]() {},
    }),
  });
  const c = await startCampaign({ store, systems: { [system]: {} }, own: connector as unknown as AnyConnector }); // as the registry holds it
  const deps: SignOff = {
    signOffs: signOffStore(store),
    openSystem: (id) => c.connections.open(id),
    approvals: { approvers: ['ann', 'tester'], self: false },
    advance: (run) => advance({ runs: c.runs, sendLane: (lane) => c.engine.sendLane(lane), now: () => new Date() }, run),
    newId: () => `S-${serial++}`,
    now: () => new Date(),
  };
  return { c, system, deps };
}

const custodian = { name: 'root', custodian: true };
const linesOf = async (run: string): Promise<Record<string, unknown>[]> =>
  (
    await store.query<{ line: string }>(`select e.line from entry e join log l on l.key = e.log where l.name = $1 order by e.xid, e.seq`, [
      run,
    ])
  ).map((row) => JSON.parse(row.line));

describe('a task by hand', () => {
  it('is never attempted, keeps the run from reading complete, and shows what has to be done', async () => {
    const target = { state: unchanged(), writes: 0 };
    const { c } = await begin(target);
    const view = await c.settle();
    expect(view).toMatchObject({ state: 'incomplete', counts: { 'by-hand': 1 }, parked: 0 });
    expect(view.failures).toMatchObject([{ error: "waits for its owner's signature: netdom trust trust" }]);
    expect(await c.runs.reopen(c.run, ['parked', 'by-hand', 'planned', 'failed'], 'x')).toBe(0);
    expect(target.writes).toBe(0);
    await c.stop();
  });

  it('is closed by its owner where the target shows the change; the run then reads complete, the cell signed and not proved', async () => {
    const target = { state: unchanged(), writes: 0 };
    const { c, system, deps } = await begin(target);
    await c.settle();
    target.state = done({ marker: 'm2', usable: true, changedAt: new Date() });
    await signOff(deps, custodian, c.run, { account: `${system}/trust`, by: 'o', reason: 'CHG-1' });
    expect(await c.view()).toMatchObject({
      state: 'complete',
      counts: { signed: 1 },
      cells: { proved: 0, signed: 1, excepted: 0 },
      failures: [],
    });
    const lines = await linesOf(c.run);
    expect(lines).toContainEqual(
      expect.objectContaining({
        kind: 'sign-off',
        owner: 'o',
        by: 'root',
        reason: 'CHG-1',
        seen: expect.stringMatching(/^the target shows a change of 20/),
      }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ kind: 'item', from: 'by-hand', to: 'signed' }));
    await c.stop();
  });

  it.each([
    ['shows the same key as before', unchanged, 'shows no change of trust since the plan was made'],
    [
      'shows a change from before the plan',
      () => done({ marker: 'm2', usable: true, changedAt: new Date(Date.now() - 3_600_000) }),
      'its last one is of',
    ],
  ])('is refused while the target %s', async (_, state, why) => {
    const { c, system, deps } = await begin({ state: state(), writes: 0 });
    await c.settle();
    const asked = signOff(deps, custodian, c.run, { account: `${system}/trust`, by: 'o', reason: 'done' });
    await expect(asked).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(why) });
    expect(await c.view()).toMatchObject({ state: 'incomplete', counts: { 'by-hand': 1 }, cells: { signed: 0 } });
    await c.stop();
  });

  it('is refused while the target could show the change and does not answer', async () => {
    const { c, system, deps } = await begin({ state: refused('unreachable', 'no route'), writes: 0 });
    await c.settle();
    const asked = signOff(deps, custodian, c.run, { account: `${system}/trust`, by: 'o', reason: 'done' });
    await expect(asked).rejects.toMatchObject({ code: 'target-unreachable' });
    await c.stop();
  });

  it('is signed with these words where no target could show it', async () => {
    const { c, system, deps } = await begin({ state: refused('unsupported', 'no directory shows it.'), writes: 0 });
    await c.settle();
    await signOff(deps, custodian, c.run, { account: `${system}/trust`, by: 'o', reason: 'done' });
    const [cell] = await store.query<{ code: string }>(
      `select c.code from cell c join item i on i.key = c.item join run r on r.key = i.run where r.id = $1`,
      [c.run],
    );
    expect(cell?.code).toBe('signed by o (done); a change cannot be seen: no directory shows it.');
    await c.stop();
  });

  it('is signed by its owner or by an approver who did not make the plan, and by nobody twice', async () => {
    const { c, system, deps } = await begin({ state: refused('unsupported', 'x'), writes: 0 }, ['a', 'b']);
    await c.settle();
    const sign = (account: string, by: string, caller = custodian) =>
      signOff(deps, caller, c.run, { account: `${system}/${account}`, by, reason: 'r' });
    await expect(sign('a', 'mallory')).rejects.toMatchObject({ code: 'not-permitted', message: expect.stringContaining('its owner is o') });
    await expect(sign('a', 'tester')).rejects.toMatchObject({ code: 'not-permitted', message: expect.stringContaining('made this plan') });
    await expect(sign('a', 'o', { name: 'mallory', custodian: false })).rejects.toMatchObject({ code: 'not-permitted' });
    await sign('a', 'o', { name: 'o', custodian: false });
    expect(await c.view()).toMatchObject({ state: 'incomplete', counts: { signed: 1, 'by-hand': 1 } });
    await expect(sign('a', 'o')).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('is signed') });
    await sign('b', 'ann');
    expect(await c.view()).toMatchObject({ state: 'complete', counts: { signed: 2 } });
    await expect(sign('none', 'o')).rejects.toMatchObject({ code: 'not-found' });
    await c.stop();
  });
});
