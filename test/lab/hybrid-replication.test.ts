// A run while the second domain controller hears nothing, and while it is down: it waits and says so, locks nobody, and calls nothing proved that was not.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DirectoryPart } from '../../lab/hybrid/active-directory.ts';
import { type Hybrid, startHybrid } from '../../lab/hybrid.ts';
import { sleep } from '../../lab/process.ts';
import type { ItemView, PlanView, RunView } from '../../src/domain/view.ts';
import { installProduct, type Product, type Ran } from './estate/product.ts';
import { outside } from './hybrid-outside.ts';

let dir: string;
let lab: Hybrid;
let ad: DirectoryPart;
let product: Product;

const data = <T>(...args: string[]): Promise<T> => product.json<T>(lab.home, 0, ...args);
const applyArgs = (plan: PlanView): string[] => ['apply', plan.id, '--confirm', `${plan.name} ${plan.totals.rotate}`, '--json'];
const viewOf = (ran: Ran): RunView => (JSON.parse(ran.out) as { data: RunView }).data;

/** The second controller fetches nothing, or everything again. The first still answers it: only replication is cut. */
async function inbound(allowed: boolean): Promise<void> {
  const option = `--dsa-option=${allowed ? '-' : '+'}DISABLE_INBOUND_REPL`;
  const { name } = ad.domain.controllers[1] ?? { name: '' };
  await ad.domain.tool('samba-tool', ['drs', 'options', name, option, '-U', `LAB\\administrator%${ad.domain.admin.password}`], 1);
}

/** What each controller itself counts of failures and locks, by account and controller. */
async function counts(): Promise<ReadonlyMap<string, { failures: number; locked: boolean }>> {
  const all = new Map<string, { failures: number; locked: boolean }>();
  for (const n of [0, 1]) {
    const found = await ad.domain.tool(
      'ldbsearch',
      [...ad.domain.local(n), '(objectClass=user)', 'sAMAccountName', 'badPwdCount', 'lockoutTime'],
      n,
    );
    for (const entry of found.split('\n\n')) {
      const value = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(entry)?.[1];
      const name = value('sAMAccountName');
      if (name !== undefined && ad.accounts.some((each) => each.name === name))
        all.set(`${name} on ${n}`, { failures: Number(value('badPwdCount') ?? 0), locked: Number(value('lockoutTime') ?? 0) > 0 });
    }
  }
  return all;
}
const quiet = { failures: 0, locked: false };

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 300; tries++) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await sleep(500);
  }
  throw new Error(`never seen: ${what}`);
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rekey-hybrid-replication-'));
  lab = await startHybrid(dir, { people: 2, services: 1, lockable: 3, each: 1, controllers: 2 }, ['corp-ad', 'cache']);
  ad = lab.directory as DirectoryPart;
  product = installProduct(join(dir, 'product'), { ...lab.env, REKEY_USER: 'lead' });
  await data('init', '--name', 'hybrid-lab');
  await data('discover');
  await data('import', 'exposed', 'exposed.csv');
}, 300_000);
afterAll(async () => {
  await lab?.stop();
  rmSync(dir, { recursive: true, force: true });
});

test('replication is cut: the run waits and says so, tries no login where the change has not arrived, and completes when it heals', async () => {
  const plan = await data<PlanView>('plan', '--name', 'evict', '--reason', 'leaked', '--where', 'exposed = true');
  await inbound(false);
  const applying = product.start(lab.home, ...applyArgs(plan));
  const run = await until('the run', async () => {
    const listed = await product.run(lab.home, 'run', 'ls');
    return /^(R-\w+) +running/m.exec(listed.out)?.[1];
  });
  const said = await until('why it waits', async () => {
    const shown = await product.run(lab.home, 'run', 'show', run);
    return /corp-ad: .*waits for replication: ldaps:\/\/127\.0\.0\.11/.test(shown.out) ? shown.out : undefined;
  });
  expect(said).toMatch(/: running/);
  // Several looks later the second controller has seen no failed login. On the first the proof may be on its way: it clears what it counts.
  await sleep(7_000);
  const seen = await counts();
  for (const { name } of ad.accounts) {
    expect([name, seen.get(`${name} on 1`)]).toEqual([name, quiet]);
    expect([name, seen.get(`${name} on 0`)?.locked]).toEqual([name, false]);
  }
  const waiting = await data<RunView>('run', 'show', run);
  expect(waiting).toMatchObject({ state: 'running' });
  expect(waiting.cells.notProved).toBeGreaterThan(0);

  await inbound(true);
  const ended = await applying.ended;
  expect(ended.exit).toBe(0);
  expect(viewOf(ended)).toMatchObject({
    state: 'complete',
    counts: { complete: ad.accounts.length + 1 },
    cells: { notProved: 0, inferred: 0 },
  });
  for (const [name, at] of await counts()) expect([name, at.locked]).toEqual([name, false]);
  const { name, secret } = ad.accounts.at(-1) as { name: string; secret: string };
  const doors = await outside['corp-ad']?.(ad, name, secret);
  expect(new Set(Object.values(doors ?? {}))).toEqual(new Set([false]));
}, 600_000);

test('a controller is down: what was proved on the other stands, its own cells stay not proved, and a retry after its return completes them', async () => {
  const plan = await data<PlanView>('plan', '--name', 'again', '--reason', 'drill', '--where', 'system = corp-ad');
  const second = ad.domain.controllers[1];
  await second?.stop();
  const ended = await product.run(lab.home, ...applyArgs(plan));
  expect(ended.exit).not.toBe(0);
  const run = viewOf(ended);
  expect(run.state).toBe('incomplete');
  const items = await itemsOf(run.id);
  const touched = items.filter(({ cells }) => cells.length > 0);
  expect(touched.length, JSON.stringify(items)).toBeGreaterThan(0);
  for (const item of touched) {
    expect(item.state).not.toBe('complete');
    const verdicts = item.cells.map(({ path, replica, verdict }) => `${path} ${replica.includes('127.0.0.11') ? 'down' : 'up'} ${verdict}`);
    expect(verdicts.sort()).toEqual([
      'files down not-proved',
      'files up proved',
      'kerberos down not-proved',
      'kerberos up proved',
      'ldaps down not-proved',
      'ldaps up proved',
    ]);
  }
  await second?.start();
  const retried = await until('every item through', async () => {
    await product.run(lab.home, 'run', 'retry', run.id, '--state', 'planned,propagated,revoked,failed');
    const view = await data<RunView>('run', 'show', run.id);
    return view.state === 'complete' || view.state === 'residual' ? view : undefined;
  });
  // Our own probes of the first run were logons, and a Kerberos ticket outlives the next reset: those accounts say until when.
  expect((retried.counts.complete ?? 0) + (retried.counts.residual ?? 0)).toBe(plan.totals.rotate);
  expect(retried.cells).toMatchObject({ notProved: 0 });
  for (const [name, at] of await counts()) expect([name, at.locked]).toEqual([name, false]);
}, 600_000);

async function itemsOf(run: string): Promise<readonly ItemView[]> {
  const listed = await product.run(lab.home, 'run', 'items', run, '--json');
  return listed.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ItemView)
    .slice(0, -1);
}
