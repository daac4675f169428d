import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Campaign, type CampaignOptions, startCampaign } from '../../test/harness/campaign.ts';
import { testStore } from '../../test/harness/store.ts';
import { twinOracle } from '../connectors/twin/oracle.ts';
import { initialSecret } from '../connectors/twin/seeded.ts';
import { twinTamper } from '../connectors/twin/tamper.ts';
import { exceptionStore } from '../store/exceptions.ts';
import type { Store } from '../store/sql.ts';
import { acceptItem } from './accept-item.ts';
import { abortRun, pauseRun, resumeRun, retryRun } from './steer-run.ts';

let store: Store;
let close: () => Promise<void>;
let folder: string;
beforeAll(async () => {
  ({ store, close } = await testStore());
  folder = mkdtempSync(join(tmpdir(), 'rekey-aftermath-'));
});
afterAll(async () => {
  await close();
  rmSync(folder, { recursive: true, force: true });
});

let serial = 0;
const quiet = { unowned: 0, shared: 0, disabled: 0, privileged: 0 };
const twinOf = (more: object = {}, people = 3) => ({ seed: `after-${serial++}`, accounts: { people, services: 0, ...quiet }, ...more });

async function campaign(
  twin: { seed: string },
  more: Partial<CampaignOptions> = {},
  system = `after-${serial++}`,
): Promise<Campaign & { system: string; names: string[] }> {
  const accounts = [...twinOracle(system, twin).accounts()];
  const leaked = Object.fromEntries(accounts.map(({ id, name }) => [name, initialSecret(twin.seed, system, id)]));
  const started = await startCampaign({ store, systems: { [system]: twin }, leaked, folder, ...more });
  return { ...started, system, names: accounts.map((a) => a.name) };
}
const steer = (c: Campaign) => ({ runs: c.runs, sendAdvance: (run: string) => c.engine.sendAdvance(run), now: () => new Date() });
const lead = { name: 'lead', custodian: true };
const names = (twin: { seed: string }, system: string): string[] => [...twinOracle(system, twin).accounts()].map((a) => a.name);

describe('consumers of a credential', () => {
  it('a consumer whose health check passes on the new value is adopted, and only then is its item complete', async () => {
    const twin = twinOf();
    const system = `after-${serial++}`;
    const [account = ''] = names(twin, system);
    const file = join(folder, 'app.env');
    writeFileSync(file, 'NAME=app\nPASSWORD=old\n');
    const c = await campaign(twin, { consumers: [{ account, id: 'app', ref: `${file}#PASSWORD`, health: 'exec:/bin/true' }] }, system);
    const view = await c.settle();
    expect(view).toMatchObject({ state: 'complete', consumers: { adopted: 1 } });
    expect(readFileSync(file, 'utf8')).toMatch(/^NAME=app\nPASSWORD=.*Fresh-/);
    await c.stop();
  });

  it('a consumer whose store or reload gave no answer once is told again, and its item is completed', async () => {
    let asked = 0;
    const server = createServer((request, response) => (++asked === 1 ? request.socket.destroy() : response.end()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // it listens on a port
    const twin = twinOf({}, 1);
    const system = `after-${serial++}`;
    const [account = ''] = names(twin, system);
    const file = join(folder, 'once.env');
    writeFileSync(file, 'PASSWORD=old\n');
    const consumer = {
      account,
      id: 'app',
      ref: `${file}#PASSWORD`,
      reload: `http:POST http://127.0.0.1:${port}/`,
      health: 'exec:/bin/true',
    };
    const c = await campaign(twin, { consumers: [consumer] }, system);
    expect(await c.settle()).toMatchObject({ state: 'complete', consumers: { adopted: 1 } });
    expect(asked).toBe(2);
    await c.stop();
    server.close();
  });

  it('a consumer that is never seen on the new value keeps its item from being complete, by name', async () => {
    const twin = twinOf();
    const system = `after-${serial++}`;
    const [account = ''] = names(twin, system);
    const file = join(folder, 'deaf.env');
    writeFileSync(file, 'PASSWORD=old\n');
    const c = await campaign(
      twin,
      { consumers: [{ account, id: 'deaf-app', ref: `${file}#PASSWORD`, health: 'exec:/bin/false' }] },
      system,
    );
    const view = await c.settle();
    expect(view).toMatchObject({ state: 'incomplete', counts: { complete: 2, proved: 1 } });
    expect(view.failures[0]?.error).toBe('not seen on the new value: deaf-app');
    await c.stop();
  });

  it('in continuity a consumer that cannot be written keeps its old session: nobody cuts the branch it sits on', async () => {
    const twin = twinOf({ sessions: 1 });
    const system = `after-${serial++}`;
    const [account = ''] = names(twin, system);
    const c = await campaign(
      twin,
      { consumers: [{ account, id: 'lost-app', ref: `${join(folder, 'missing', 'app.env')}#PASSWORD` }] },
      system,
    );
    const view = await c.settle();
    expect(view).toMatchObject({ state: 'incomplete', counts: { complete: 2, applied: 1 }, consumers: { failed: 1 } });
    const oracle = twinOracle(system, twin);
    const [first] = [...oracle.accounts()];
    expect(oracle.openSessions(first?.id ?? '')).toBe(1);
    await c.stop();
  });

  it('containment accepts the outage: the old value is proved dead although a consumer could not be written', async () => {
    const twin = twinOf({ sessions: 1 });
    const system = `after-${serial++}`;
    const [account = ''] = names(twin, system);
    const c = await campaign(
      twin,
      { mode: 'contain', consumers: [{ account, id: 'lost-app', ref: `${join(folder, 'missing', 'b.env')}#PASSWORD` }] },
      system,
    );
    const view = await c.settle();
    expect(view).toMatchObject({ state: 'incomplete', counts: { complete: 2, proved: 1 }, cells: { proved: 3 } });
    const oracle = twinOracle(system, twin);
    for (const { id } of oracle.accounts()) expect(oracle.openSessions(id)).toBe(0);
    await c.stop();
  });

  it('once its place is there again, a retry writes a consumer that could not be written and finishes the item', async () => {
    const twin = twinOf();
    const system = `after-${serial++}`;
    const [account = ''] = names(twin, system);
    const file = join(folder, 'back-again.env');
    const consumers = [{ account, id: 'late-app', ref: `${file}#PASSWORD`, health: 'exec:/bin/true' }];
    const c = await campaign(twin, { mode: 'contain', consumers }, system);
    expect(await c.settle()).toMatchObject({ state: 'incomplete', counts: { proved: 1 }, consumers: { failed: 1 } });
    writeFileSync(file, 'PASSWORD=old\n');
    expect(await retryRun(steer(c), lead, c.run, ['proved'])).toBe(1);
    expect(await c.settle()).toMatchObject({ state: 'complete', counts: { complete: 3 }, consumers: { adopted: 1 } });
    expect(readFileSync(file, 'utf8')).toMatch(/Fresh-/);
    await c.stop();
  });

  it('a rollback returns target and consumers to the previous value, and never to a leaked one', async () => {
    const twin = twinOf();
    const system = `after-${serial++}`;
    const [account = ''] = names(twin, system);
    const good = join(folder, 'roll.env');
    const spare = join(folder, 'spare.env');
    writeFileSync(good, 'PASSWORD=old\n');
    writeFileSync(spare, 'PASSWORD=old\n');
    const first = await campaign(
      twin,
      { leaked: {}, consumers: [{ account, id: 'roller', ref: `${good}#PASSWORD`, health: 'exec:/bin/true' }] },
      system,
    );
    await first.settle();
    await first.stop();
    const before = readFileSync(good, 'utf8');
    const consumers = [
      { account, id: 'roller', ref: `${good}#PASSWORD`, health: 'exec:/bin/true' },
      { account, id: 'roller-2', ref: `${spare}#NOT_THERE` },
    ];
    const second = await campaign(twin, { leaked: {}, rollback: true, consumers }, system);
    const view = await second.settle();
    expect(view.counts['rolled-back']).toBe(1);
    expect(readFileSync(good, 'utf8')).toBe(before);
    const oracle = twinOracle(system, twin);
    const [person] = [...oracle.accounts()];
    expect(oracle.accepts(person?.id ?? '', /PASSWORD="?([^"\n]+)/.exec(before)?.[1] ?? '')).toBe(true);
    await second.stop();
    const leaked = await campaign(twinOf(), { rollback: true, consumers: [] });
    await leaked.settle();
    await leaked.stop();
  });
});

describe('what people do about a run', () => {
  it('retry takes failed items up again with a new value and finishes them', async () => {
    const c = await campaign(twinOf({ faults: [{ op: 'set', kind: 'refuse-policy', until: 9 }] }));
    const failed = await c.settle();
    expect(failed).toMatchObject({ state: 'incomplete', counts: { failed: 3 } });
    expect(await retryRun(steer(c), lead, c.run, ['failed'])).toBe(3);
    expect(await c.settle()).toMatchObject({ state: 'complete', counts: { complete: 3 } });
    await c.stop();
  });

  it('an exception by a named owner lets the item go on: excepted, never proved', async () => {
    const c = await campaign(twinOf({}, 1), { leaked: {} });
    expect(await c.settle()).toMatchObject({ state: 'incomplete', cells: { notProved: 1 } });
    await acceptItem(
      {
        exceptions: exceptionStore(store),
        sendAdvance: (run) => c.engine.sendAdvance(run),
        newId: () => `X-${serial++}`,
        now: () => new Date(),
      },
      'lead',
      c.run,
      {
        account: `${c.system}/${c.names[0]}`,
        owner: 'ciso',
        reason: 'no canary here',
        expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
      },
    );
    expect(await c.settle()).toMatchObject({ state: 'complete', counts: { complete: 1 }, cells: { excepted: 1, proved: 0 } });
    await c.stop();
  });

  it('an exception in the past, or for longer than a quarter, is refused', async () => {
    const deps = {
      exceptions: exceptionStore(store),
      sendAdvance: async () => undefined,
      newId: () => 'X',
      now: () => new Date('2026-01-01'),
    };
    const ask = (expiresAt: string) => acceptItem(deps, 'lead', 'R-0', { account: 'a/b', owner: 'o', reason: 'r', expiresAt });
    await expect(ask('2025-12-31')).rejects.toThrow(/ends in the future/);
    await expect(ask('2027-01-01')).rejects.toThrow(/at most 92 days/);
    await expect(ask('2026-02-01')).rejects.toThrow(/no item/);
  });

  it('a residual closes by itself: when its clock has run out the item is proved again and complete', async () => {
    const c = await campaign(twinOf({}, 1));
    await c.settle();
    await store.query(
      `update item i set state = 'residual', residual_until = now() - interval '1 second', residual_why = 'a session' from run r where r.key = i.run and r.id = $1`,
      [c.run],
    );
    await store.query(`update run set state = 'residual' where id = $1`, [c.run]);
    expect(await c.runs.reopenDue(new Date())).toEqual([c.run]);
    await c.engine.sendAdvance(c.run);
    expect(await c.settle()).toMatchObject({ state: 'complete', counts: { complete: 1 } });
    await c.stop();
  });

  it('sessions that end by themselves later do not keep the proof waiting: the cells are proved, and the clock is the item’s', async () => {
    const c = await campaign(twinOf({}, 1), { settings: { patienceMs: 50 } });
    const { connection } = await c.connections.open(c.system);
    Object.assign(connection.sessions ?? {}, {
      end: async () => ({ kind: 'done', value: { ended: 0, left: 1, residualMs: 3_600_000 } }),
    });
    const view = await c.settle();
    expect(view).toMatchObject({ state: 'residual', counts: { residual: 1 }, cells: { proved: 1, notProved: 0 } });
    const [row] = await store.query<{ until: Date; why: string }>(
      `select residual_until as until, residual_why as why from item i join run r on r.key = i.run where r.id = $1`,
      [c.run],
    );
    expect(row?.why).toBe('1 session(s) opened before the change end by themselves');
    expect(row?.until.getTime()).toBeGreaterThan(Date.now() + 3_500_000);
    await c.stop();
  });

  it('sessions that only their clock ends are asked for once: no lane waits for what cannot come sooner', async () => {
    const c = await campaign(twinOf({}, 1));
    const { connection } = await c.connections.open(c.system);
    let asked = 0;
    Object.assign(connection.sessions ?? {}, {
      end: async () => {
        asked++;
        return { kind: 'done', value: { ended: 0, left: 1, residualMs: 3_600_000, byClock: true } };
      },
    });
    expect(await c.settle()).toMatchObject({ state: 'residual', counts: { residual: 1 }, cells: { proved: 1, notProved: 0 } });
    expect(asked).toBe(1);
    await c.stop();
  });

  describe('stays dead', () => {
    const later = (hours: number): Date => new Date(Date.now() + hours * 3_600_000 + 60_000);
    const again = async (c: Awaited<ReturnType<typeof campaign>>, hours: number) => {
      // The store holds the runs of the tests before, too.
      const opened = (await c.runs.reopenDue(later(hours))).filter((run) => run === c.run);
      for (const run of opened) await c.engine.sendAdvance(run);
      return { opened, view: await c.settle() };
    };

    it('every complete item is proved again after an hour, a day and a week, and then no more', async () => {
      const c = await campaign(twinOf({}, 2));
      await c.settle();
      expect(await c.runs.reopenDue(new Date())).not.toContain(c.run);
      for (const hours of [1, 24, 168]) {
        const { opened, view } = await again(c, hours);
        expect(opened).toEqual([c.run]);
        expect(view).toMatchObject({ state: 'complete', counts: { complete: 2 } });
      }
      expect(await c.runs.reopenDue(later(10_000))).not.toContain(c.run);
      await c.stop();
    });

    it('a second proof takes less than a reset, and says nothing for the next prediction', async () => {
      const c = await campaign(twinOf({}, 2));
      await c.settle();
      const pace = () => store.query(`select pace from system where id = $1`, [c.system]);
      const before = await pace();
      expect(before).toEqual([{ pace: { lanes: { 1: { items: 2, ms: expect.any(Number), fixedMs: expect.any(Number) } } } }]);
      await again(c, 1);
      expect(await pace()).toEqual(before);
      await c.stop();
    });

    it('a value that came back with a restore raises an alert, fails the item, and a retry resets it anew', async () => {
      const twin = twinOf({}, 2);
      const c = await campaign(twin);
      await c.settle();
      const tamper = twinTamper(c.system, twin);
      const back = [...twinOracle(c.system, twin).accounts()][0]?.id ?? '';
      tamper.resurrect(back);
      const { view } = await again(c, 1);
      expect(view).toMatchObject({ state: 'incomplete', counts: { complete: 1, failed: 1 } });
      expect(view.failures[0]?.error).toMatch(/^came back to life after it was proved dead: /);
      const alerts = await store.query(
        `select 1 from entry e join log l on l.key = e.log where l.name = $1 and e.line::jsonb ->> 'alert' like 'came back to life%'`,
        [c.run],
      );
      expect(alerts).toHaveLength(1);
      expect(await retryRun(steer(c), lead, c.run, ['failed'])).toBe(1);
      expect(await c.settle()).toMatchObject({ state: 'complete', counts: { complete: 2 } });
      await c.stop();
    });

    it('a consumer’s file written over by a deployment is found, and a retry writes and adopts it again', async () => {
      const twin = twinOf({}, 1);
      const system = `after-${serial++}`;
      const file = join(folder, 'deployed.env');
      writeFileSync(file, 'PASSWORD=old\n');
      const consumers = [{ account: names(twin, system)[0] ?? '', id: 'shop', ref: `${file}#PASSWORD`, health: 'exec:/bin/true' }];
      const c = await campaign(twin, { consumers }, system);
      expect(await c.settle()).toMatchObject({ state: 'complete' });
      const fresh = readFileSync(file, 'utf8');
      writeFileSync(file, 'PASSWORD=old\n');
      const { view } = await again(c, 1);
      expect(view.failures[0]?.error).toBe('written over after its consumers had moved: shop');
      expect(await retryRun(steer(c), lead, c.run, ['parked'])).toBe(1);
      expect(await c.settle()).toMatchObject({ state: 'complete' });
      expect(readFileSync(file, 'utf8')).toBe(fresh);
      await c.stop();
    });
  });

  it('abort leaves every item parked with the reason and nothing running', async () => {
    const c = await campaign(twinOf({ latencyMs: 100 }, 30));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await abortRun(steer(c), lead, c.run, 'wrong scope');
    const view = await c.settle();
    expect(view.state).toBe('aborted');
    const [open] = await store.query<{ n: number }>(
      `select count(*)::int as n from item i join run r on r.key = i.run where r.id = $1 and i.open`,
      [c.run],
    );
    expect(open?.n).toBe(0);
    expect(view.failures.some((f) => /aborted/.test(f.error))).toBe(true);
    await expect(resumeRun(steer(c), lead, c.run)).rejects.toThrow(/has ended/);
    await c.stop();
  });

  it('only the lead or the owner of a consumer in the run may pause it', async () => {
    const twin = twinOf({ latencyMs: 50 }, 10);
    const system = `after-${serial++}`;
    const file = join(folder, 'owned.env');
    writeFileSync(file, 'PASSWORD=old\n');
    const consumers = [{ account: names(twin, system)[0] ?? '', id: 'owned', ref: `${file}#PASSWORD`, health: 'exec:/bin/true' }];
    const c = await campaign(twin, { consumers }, system);
    await expect(pauseRun(steer(c), { name: 'passer-by', custodian: false }, c.run, 'mine broke')).rejects.toThrow(/owns no consumer/);
    await pauseRun(steer(c), { name: 'o', custodian: false }, c.run, 'mine broke');
    const view = await c.settle();
    expect(view).toMatchObject({ state: 'paused', halt: { by: 'o', reason: 'mine broke' } });
    await resumeRun(steer(c), lead, c.run);
    expect(await c.settle()).toMatchObject({ state: 'complete' });
    await c.stop();
  });

  it('a connector that throws costs its own item, not the lane', async () => {
    const c = await campaign(twinOf({ latencyMs: 5 }, 6));
    const opened = await c.connections.open(c.system);
    const probe = opened.connection.probe;
    if (probe === undefined) throw new Error('a twin can be probed');
    const attempt = probe.attempt.bind(probe);
    Object.assign(probe, {
      attempt: (...args: Parameters<typeof attempt>) =>
        args[0].name === c.names[2] ? Promise.reject(new TypeError('Fresh-secret')) : attempt(...args),
    });
    const view = await c.settle();
    expect(view).toMatchObject({ state: 'incomplete', counts: { complete: 5 } });
    expect(view.failures[0]?.error).toBe('unexpected error in the connector (TypeError)');
    await c.stop();
  });
});
