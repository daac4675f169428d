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
  await approvals.put('P-1', given('bob', 2));
  await approvals.put('P-1', given('alice', 1));
  await approvals.put('H-1', given('carol', 3));
  expect(await approvals.of('P-1')).toEqual([given('alice', 1), given('bob', 2)]);
  expect(await approvals.of('H-1')).toEqual([given('carol', 3)]);
  expect(await approvals.of('P-2')).toEqual([]);
});

it('a renewed approval takes the place of the earlier one', async () => {
  const approvals = approvalStore(store);
  await approvals.put('P-3', given('bob', 1));
  await approvals.put('P-3', given('bob', 5, 'renewed'));
  expect(await approvals.of('P-3')).toEqual([given('bob', 5, 'renewed')]);
});
