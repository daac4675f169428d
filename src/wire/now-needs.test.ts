// What waits for a person: everything that stands says why, since when and what ends it, and nobody is asked to approve what is theirs.
import { expect, test } from 'vitest';
import type { Caller } from '../access/caller.ts';
import type { RunHead, Tally } from '../store/now.ts';
import { ownerNeeds, planNeeds, runNeeds } from './now-needs.ts';
import { systemSums } from './run-sums.ts';

const at = new Date('2026-11-21T10:00:00Z');
const head: RunHead = {
  key: '1',
  id: 'R-0001',
  plan: 'P-0001',
  name: 'eviction',
  incident: null,
  state: 'paused',
  startedAt: at,
  endedAt: null,
  startedBy: 'carol',
  halt: { by: 'dave', reason: 'the batch is late', at: at.toISOString() },
  predicted: null,
};
const approver: Caller = { name: 'alice', custodian: false, identity: 'alice@example.test', roles: ['approver'], via: 'session' };
const rules = { count: 1, tier0: 2, self: false };
const plan = { id: 'P-0002', name: 'again', createdBy: 'carol', createdAt: at, expiresAt: at, tier0: 0, given: [] as string[] };
const tally = (state: Tally['state'], n = 1): Tally => ({ wave: 1, system: 'ad', tier: 1, state, open: false, n, since: at });

test('a paused run says why, since when, by whom and what ends it', () => {
  expect(runNeeds(head, [], [], [])).toEqual([
    expect.objectContaining({
      kind: 'paused',
      why: 'the batch is late',
      since: at.toISOString(),
      by: 'dave',
      ends: expect.stringContaining('rekey run resume R-0001'),
    }),
  ]);
});

test('a halted system is told once: its items are not told again as failures', () => {
  const rows = [tally('failed', 3), tally('applied', 2)];
  const lane = { system: 'ad', state: 'halted' as const, reason: 'no route', since: at, perSecond: null };
  const running = { ...head, state: 'running' as const, halt: null };
  expect(runNeeds(running, rows, [], systemSums(rows, [lane])).map(({ kind }) => kind)).toEqual(['halted']);
  expect(runNeeds(running, rows, [], systemSums(rows, [])).map(({ kind }) => kind)).toEqual(['parked', 'failed']);
});

test('what nobody knows is a queue of its own', () => {
  expect(runNeeds({ ...head, state: 'running' }, [tally('in-doubt', 17)], [], [])[0]).toMatchObject({
    kind: 'in-doubt',
    count: 17,
    state: 'in-doubt',
  });
});

test('nobody is asked to approve what they made or have signed', () => {
  const [asked] = planNeeds(approver, [plan], rules);
  expect(asked).toMatchObject({ kind: 'approve', mine: true, what: 'again needs 1 more approval' });
  expect(planNeeds(approver, [{ ...plan, createdBy: 'alice' }], rules)[0]?.mine).toBe(false);
  expect(planNeeds(approver, [{ ...plan, tier0: 1, given: ['alice'] }], rules)[0]).toMatchObject({ mine: false, why: 'signed by alice' });
  expect(planNeeds({ ...approver, roles: ['operator'] }, [plan], rules)[0]?.mine).toBe(false);
});

test('tier 0 waits for two, and a plan that has them all asks nobody', () => {
  expect(planNeeds(approver, [{ ...plan, tier0: 1 }], rules)[0]?.what).toBe('again needs 2 more approvals');
  expect(planNeeds(approver, [{ ...plan, given: ['bob'] }], rules)).toEqual([]);
});

test('a task by hand is its owner’s, by the identity the inventory knows', () => {
  const rows = [
    { what: 'ad', owner: 'alice@example.test', n: 2, since: at },
    { what: 'erp', owner: null, n: 1, since: null },
  ];
  expect(ownerNeeds(approver, 'R-0001', 'by-hand', rows).map(({ mine }) => mine)).toEqual([true, false]);
});
