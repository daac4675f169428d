// What the executor really writes replays to what the store holds, whatever went wrong on the way.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CampaignOptions, startCampaign } from '../../test/harness/campaign.ts';
import { testStore } from '../../test/harness/store.ts';
import { keyConnector, keyTarget } from '../../test/harness/turned-key.ts';
import { twinOracle } from '../connectors/twin/oracle.ts';
import { initialSecret } from '../connectors/twin/seeded.ts';
import { nodeCryptography } from '../cryptography/node.ts';
import { evidenceOf } from '../store/evidence.ts';
import { runRecords } from '../store/report.ts';
import type { Store } from '../store/sql.ts';
import type { AnyConnector } from '../wire/connections.ts';
import { EntryScan } from './entry-scan.ts';
import type { Finding } from './finding.ts';
import { parsed } from './lines.ts';
import { Replay } from './replay.ts';

let store: Store;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ store, close } = await testStore());
});
afterAll(() => close());

const none = { unowned: 0, shared: 0, disabled: 0, privileged: 0 };
let serial = 0;

async function replayed(
  faults: object,
  more: Partial<CampaignOptions> = {},
  after?: (run: string, reopen: () => Promise<number>) => Promise<void>,
) {
  const system = `replay-${serial++}`;
  const twin = { seed: system, accounts: { people: 6, services: 0, ...none }, ...faults };
  const leaked = Object.fromEntries(
    [...twinOracle(system, twin).accounts()].map(({ id, name }) => [name, initialSecret(twin.seed, system, id)]),
  );
  const c = await startCampaign({ store, systems: { [system]: twin }, leaked, ...more });
  await c.settle();
  if (after !== undefined) {
    await after(c.run, () => c.runs.reopen(c.run, ['failed', 'in-doubt', 'parked'], 'tester'));
    await store.query("update run set state = 'running', ended_at = null where id = $1", [c.run]);
    await c.engine.sendAdvance(c.run);
    await c.settle();
  }
  await c.stop();
  const [replay, scan] = [new Replay(nodeCryptography.sha256), new EntryScan()];
  const findings: Finding[] = [];
  const states: string[] = [];
  const rows = [];
  for await (const page of runRecords(store).items(c.run)) rows.push(...page);
  for (const row of rows) replay.plan({ system: row.system, id: row.id, action: 'rotate' });
  let index = 0;
  for await (const page of evidenceOf(store).pages(c.run))
    for (const line of page) {
      scan.take(parsed(line) ?? {});
      const found = replay.entry(index, line, parsed(line) ?? {});
      if (found !== undefined) findings.push(found);
      index += 1;
    }
  for (const [i, row] of rows.entries()) {
    states.push(row.state);
    const found = replay.item(i, JSON.stringify(row), row);
    if (found !== undefined) findings.push(found);
  }
  return {
    findings,
    states,
    unlisted: replay.unlisted,
    denied: rows.filter((row) => scan.deniedAt(`${row.system}/${row.id}`) !== undefined).length,
  };
}

const allComplete = { findings: [], states: Array(6).fill('complete'), unlisted: 0, denied: 6 };

test('a run without trouble', async () => expect(await replayed({})).toEqual(allComplete));
test('replies lost after the write, and requests that never arrived', async () => {
  expect(await replayed({ faults: [{ op: 'set', kind: 'swallow-reply', everyNth: 2 }] })).toEqual(allComplete);
  expect(await replayed({ faults: [{ op: 'set', kind: 'lose-request', until: 3 }] })).toEqual(allComplete);
});
test('two replicas, one of them late', async () =>
  expect(await replayed({ replicas: { count: 2, lagMs: 300 }, lockout: { threshold: 3 } })).toEqual(allComplete));
test('contain mode with sessions to end', async () => expect(await replayed({ sessions: 2 }, { mode: 'contain' })).toEqual(allComplete));
test('an old secret that goes on being accepted is nowhere called dead', async () => {
  const { findings, states, denied } = await replayed({ faults: [{ op: 'set', kind: 'second-value' }] });
  expect([findings, states.includes('complete'), denied]).toEqual([[], false, 0]);
});
test('items parked, then retried by a person', async () => {
  const { findings, states, unlisted } = await replayed({ faults: [{ op: 'probe', kind: 'accept-any' }] }, {}, async (_run, reopen) => {
    expect(await reopen()).toBe(6);
  });
  expect([findings, states.includes('complete'), unlisted]).toEqual([[], false, 0]);
});

test('a new secret that was right and must be changed is a control; one that was merely blocked is none', () => {
  const where = { item: 'dir/1', path: 'ldaps', replica: 'dc1' };
  const row = { system: 'dir', id: '1', state: 'proved', cells: [{ path: 'ldaps', replica: 'dc1', verdict: 'proved', level: 'probed' }] };
  const reads = (word: object) => {
    const replay = new Replay(nodeCryptography.sha256);
    replay.plan({ system: 'dir', id: '1', action: 'rotate' });
    const entries = [
      ...['planned', 'sealed', 'sent', 'applied'].map((from, i, all) => ({
        kind: 'item',
        item: 'dir/1',
        from,
        to: all[i + 1] ?? 'propagated',
      })),
      { kind: 'item', item: 'dir/1', from: 'propagated', to: 'revoked' },
      { kind: 'probe', ...where, secret: 'new', verdict: 'blocked', code: '49/773', ...word },
      { kind: 'probe', ...where, secret: 'nonsense', verdict: 'rejected', code: '49/52e' },
      { kind: 'probe', ...where, secret: 'old', verdict: 'rejected', code: '49/52e' },
      { kind: 'item', item: 'dir/1', from: 'revoked', to: 'proved' },
    ];
    for (const [i, entry] of entries.entries()) expect(replay.entry(i, '', entry as never)).toBeUndefined();
    return replay.item(0, '', row as never)?.reason;
  };
  expect(reads({ right: true })).toBeUndefined();
  expect(reads({})).toContain('no accepted login with the new secret');
});

test('a key that was turned twice, with a wait between, and proved at the second', async () => {
  const target = keyTarget({ kept: 1, next: 'lose' });
  const connector = keyConnector(target) as unknown as AnyConnector; // as the registry holds it
  const c = await startCampaign({ store, systems: { [`keyed-${serial++}`]: {} }, own: connector });
  for (let n = 0; n < 4; n++) {
    if ((await c.settle()).state !== 'residual') break;
    for (const run of await c.runs.reopenDue(new Date(Date.now() + 60_000))) if (run === c.run) await c.engine.sendAdvance(run);
  }
  await c.stop();
  const replay = new Replay(nodeCryptography.sha256);
  const rows = [];
  for await (const page of runRecords(store).items(c.run)) rows.push(...page);
  for (const row of rows) replay.plan({ system: row.system, id: row.id, action: 'rotate' });
  const findings: unknown[] = [];
  let index = 0;
  for await (const page of evidenceOf(store).pages(c.run))
    for (const line of page) findings.push(replay.entry(index++, line, parsed(line) ?? {}));
  for (const [i, row] of rows.entries()) findings.push(replay.item(i, JSON.stringify(row), row));
  expect(findings.filter((each) => each !== undefined)).toEqual([]);
  expect(rows.map((row) => row.state)).toEqual(['complete']);
  expect(target.resets).toBe(2);
});
