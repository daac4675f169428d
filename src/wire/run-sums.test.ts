// Sums of a run: what the first screen says of old secrets is never better than what was proved, and every item is counted once.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { itemStates } from '../domain/item.ts';
import { oldSecretOf } from '../domain/old-secret.ts';
import type { Tally } from '../store/now.ts';
import { oldSecrets, sum, systemSums, waveSums } from './run-sums.ts';

const row = fc.record<Tally>({
  wave: fc.integer({ min: 0, max: 5 }),
  system: fc.constantFrom('ad', 'erp', 'vault'),
  tier: fc.integer({ min: 0, max: 3 }),
  state: fc.constantFrom(...itemStates),
  open: fc.boolean(),
  n: fc.integer({ min: 1, max: 1000 }),
  since: fc.constant(null),
});

test('an old secret counts as refused in no state before it was proved', () => {
  const refused = itemStates.filter((state) => [true, false].some((open) => oldSecretOf(state, open) === 'refused'));
  expect(refused).toEqual(['proved', 'complete']);
});

test('a write without an answer is unknown as soon as nobody works on it', () => {
  expect(oldSecretOf('sent', false)).toBe('unknown');
  expect(oldSecretOf('in-doubt', true)).toBe('unknown');
  expect(oldSecretOf('in-doubt', false)).toBe('unknown');
});

test('every item that the run touches is in exactly one class, in one wave and in one system', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
      const touched = sum(rows, ({ state }) => state !== 'excluded');
      expect(Object.values(oldSecrets(rows)).reduce((n, each) => n + each, 0)).toBe(touched);
      const waves = [0, 1, 2, 3, 4, 5].map((n) => ({ n, name: `w${n}`, state: 'running' as const, reason: null }));
      expect(waveSums(waves, rows).reduce((n, { progress }) => n + Object.values(progress).reduce((all, each) => all + each, 0), 0)).toBe(
        sum(rows),
      );
      expect(systemSums(rows, []).reduce((n, system) => n + system.total, 0)).toBe(sum(rows));
    }),
  );
});

test('a halted system says since when; of one in trouble the first failure tells', () => {
  const first = new Date('2026-11-21T10:00:00Z');
  const rows: Tally[] = [{ wave: 1, system: 'ad', tier: 1, state: 'failed', open: false, n: 2, since: first }];
  expect(systemSums(rows, [])[0]?.since).toBe(first.toISOString());
  const halted = new Date('2026-11-21T11:00:00Z');
  const lane = { system: 'ad', state: 'halted' as const, reason: 'no route', since: halted, perSecond: null };
  expect(systemSums(rows, [lane])[0]).toMatchObject({ state: 'halted', reason: 'no route', since: halted.toISOString() });
});
