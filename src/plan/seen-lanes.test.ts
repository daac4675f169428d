// What lanes have shown is given back for a lane of their size, grows with the items, and never shrinks below what is fixed.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromLanes, type SeenLane } from './seen-lanes.ts';

const of = (items: number, lanes: readonly SeenLane[], atOnce = 4): number => {
  const { fixed, work } = fromLanes(lanes, atOnce)(items);
  return fixed + work;
};
const one: SeenLane = { items: 1, ms: 3_000, fixedMs: 2_000 };
const ten: SeenLane = { items: 10, ms: 7_000, fixedMs: 2_000 };
const lane = fc
  .record({
    items: fc.integer({ min: 1, max: 5_000 }),
    fixedMs: fc.integer({ min: 0, max: 60_000 }),
    workMs: fc.integer({ min: 0, max: 600_000 }),
  })
  .map(({ items, fixedMs, workMs }) => ({ items, fixedMs, ms: fixedMs + workMs }));
const atOnce = fc.integer({ min: 1, max: 32 });

it('the same lane again takes what it took', () => {
  fc.assert(
    fc.property(lane, atOnce, (seen, n) => {
      expect(of(seen.items, [seen], n)).toBeCloseTo(seen.ms / 1000, 6);
    }),
  );
});
it('more items never take less by what one lane has shown, and none takes less than what is fixed', () => {
  fc.assert(
    fc.property(lane, atOnce, fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 0, max: 10_000 }), (seen, n, items, more) => {
      expect(of(items + more, [seen], n)).toBeGreaterThanOrEqual(of(items, [seen], n));
      expect(of(items, [seen], n)).toBeGreaterThanOrEqual(seen.fixedMs / 1000);
    }),
  );
});
it('twice the items of a full lane take twice the work, and the waiting once', () => {
  expect(of(20, [ten])).toBeCloseTo(2 + 10);
});
it('items that fit side by side take no longer than one', () => {
  expect(of(4, [one])).toBeCloseTo(3);
  expect(of(8, [one])).toBeCloseTo(4);
  expect(of(1, [ten])).toBeCloseTo(2 + 4 * 0.5);
});
it('of several lanes the nearest in size speaks, the larger of two as near', () => {
  expect(of(2, [one, ten])).toBeCloseTo(3);
  expect(of(5, [one, ten])).toBeCloseTo(2 + 5 * 0.5);
  // Twice and half are as near.
  const small: SeenLane = { items: 1, ms: 50, fixedMs: 0 };
  const large: SeenLane = { items: 4, ms: 4_000, fixedMs: 0 };
  expect(of(2, [large, small], 1)).toBeCloseTo(2);
  expect(of(2, [small, large], 1)).toBeCloseTo(2);
});
