// The tally keeps what a Map keeps, through growth, overwriting and infinities.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeCryptography } from '../cryptography/node.ts';
import { Tally } from './tally.ts';

test('a tally answers like a Map', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.integer())), (writes) => {
      const [tally, map] = [new Tally(nodeCryptography.sha256), new Map<string, number>()];
      for (const [key, value] of writes) {
        tally.set(key, value);
        map.set(key, value);
      }
      expect(tally.size).toBe(map.size);
      for (const [key] of writes) expect(tally.get(key)).toBe(map.get(key));
      expect(tally.get('never written')).toBe(undefined);
    }),
  );
});

test('a hundred thousand keys keep their values', () => {
  const tally = new Tally(nodeCryptography.sha256);
  for (let i = 0; i < 100_000; i += 1) tally.set(`item-${i}`, i);
  tally.set('item-7', Number.POSITIVE_INFINITY);
  expect([tally.size, tally.get('item-7'), tally.get('item-99999'), tally.get('item-100000')]).toEqual([
    100_000,
    Number.POSITIVE_INFINITY,
    99_999,
    undefined,
  ]);
});
