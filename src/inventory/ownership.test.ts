import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classify } from './classify.ts';
import { blockersOf, notesOf, type Owned } from './ownership.ts';

const sound: Owned = { owners: ['alice'], kind: 'service', shared: false, tags: [], enabled: true, ownerDisabled: false };

test('exactly one living owner and a personal account: nothing blocks', () => {
  expect(blockersOf(sound)).toEqual([]);
});
test('each flaw blocks under its own name', () => {
  expect(blockersOf({ ...sound, owners: [] })).toEqual(['no-owner']);
  expect(blockersOf({ ...sound, owners: ['alice', 'bob'] })).toEqual(['two-owners']);
  expect(blockersOf({ ...sound, ownerDisabled: true })).toEqual(['owner-disabled']);
  expect(blockersOf({ ...sound, shared: true })).toEqual(['shared']);
  expect(blockersOf({ ...sound, kind: 'shared' })).toEqual(['shared']);
  expect(blockersOf({ ...sound, shared: true, tags: ['shared-ok'] })).toEqual([]);
});
test('a disabled account is worth a note, not a blocker', () => {
  expect(blockersOf({ ...sound, enabled: false })).toEqual([]);
  expect(notesOf({ ...sound, enabled: false })).toEqual(['disabled-account']);
});
test('nothing is free of blockers without exactly one owner', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.boolean(), fc.boolean(), fc.array(fc.string()), (owners, shared, enabled, tags) => {
      if (blockersOf({ ...sound, owners, shared, enabled, tags }).length === 0) expect(owners).toHaveLength(1);
    }),
  );
});

const found = { name: 'x', kind: 'unknown', privileged: false, facts: {} } as const;
test('naming habits fill in what the target does not say, and never overrule it', () => {
  expect(classify({ ...found, name: 'uid=svc-backup' }).kind).toBe('service');
  expect(classify({ ...found, name: 'bot_triage' }).kind).toBe('agent');
  expect(classify({ ...found, name: 'vendor.acme' })).toMatchObject({ kind: 'vendor', managed: 'hybrid' });
  expect(classify({ ...found, name: 'shared-desk' })).toMatchObject({ kind: 'shared', shared: true });
  expect(classify({ ...found, name: 'svc-x', kind: 'human' }).kind).toBe('human');
  expect(classify({ ...found, name: 'service' }).kind).toBe('unknown');
  expect(classify({ ...found, facts: { shared: true, privileged: true, managed: 'user' } })).toEqual({
    kind: 'unknown',
    shared: true,
    privileged: true,
    managed: 'user',
  });
});
