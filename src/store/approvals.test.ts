// Approvals in the store: one row per approver and subject, replaced when renewed, for plans and hand-overs alike.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testStore } from '../../test/harness/store.ts';
import type { StoredApproval } from '../approve/port.ts';
import { approvalStore } from './approvals.ts';
import type { Store } from './sql.ts';

let store: Store;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ store, close } = await testStore());
}, 60_000);
afterAll(() => close());

const given = (approver: string, minute: number, signature = 's'): StoredApproval => ({
  approver,
  method: 'ssh',
  publicKey: 'ssh-ed25519 AAAA',
  signature,
  at: new Date(Date.UTC(2026, 10, 21, 0, minute)),
});

it('what was put comes back, oldest first, and only for its own subject', async () => {
  const approvals = approvalStore(store);
  await approvals.put('P-1', given('bob', 2), 'line');
  await approvals.put('P-1', given('alice', 1), 'line');
  await approvals.put('H-1', given('carol', 3), 'line');
  expect(await approvals.of('P-1')).toEqual([given('alice', 1), given('bob', 2)]);
  expect(await approvals.of('H-1')).toEqual([given('carol', 3)]);
  expect(await approvals.of('P-2')).toEqual([]);
});

it('a renewed approval takes the place of the earlier one', async () => {
  const approvals = approvalStore(store);
  await approvals.put('P-3', given('bob', 1), 'line');
  await approvals.put('P-3', given('bob', 5, 'renewed'), 'line');
  expect(await approvals.of('P-3')).toEqual([given('bob', 5, 'renewed')]);
});

it('a refusal stands until whoever gave it takes it back; each change of either is in the log of the estate', async () => {
  const approvals = approvalStore(store);
  const at = new Date('2026-11-21T10:00:00Z');
  const no = { by: 'carol', reason: 'the canary is wrong', at };
  await approvals.refuse('P-4', no, '{"kind":"refusal","n":1}');
  await approvals.refuse('P-4', { ...no, reason: 'again' }, '{"kind":"refusal","n":2}');
  expect(await approvals.refusals('P-4')).toEqual([no]);
  expect(await approvals.withdraw('P-4', 'bob', at, '{"n":3}')).toBe(false);
  expect(await approvals.withdraw('P-4', 'carol', at, '{"n":4}')).toBe(true);
  expect(await approvals.refusals('P-4')).toEqual([]);
  await approvals.refuse('P-4', { ...no, reason: 'still wrong' }, '{"n":5}');
  expect((await approvals.refusals('P-4')).map(({ reason }) => reason)).toEqual(['still wrong']);
  const lines = await store.query<{ line: string }>(
    "select e.line from entry e join log l on l.key = e.log where l.name = 'estate' order by e.xid, e.seq",
  );
  expect(lines.map(({ line }) => line).filter((line) => line.includes('"n"'))).toEqual(['{"kind":"refusal","n":1}', '{"n":4}', '{"n":5}']);
});
