// A bar is as long as what it tells of: each item is in exactly one part, and what stopped never looks as if it moved.
import { expect, test } from 'vitest';
import { isTerminal, itemStates } from './item.ts';
import { progressOf, progressParts, progressSums } from './progress.ts';

const everyWay = itemStates.flatMap((state) => [true, false].map((open) => ({ state, open, n: 1 })));

test('every item is counted once, whatever its state, and every part is used', () => {
  const sums = progressSums(everyWay);
  expect(Object.values(sums).reduce((n, each) => n + each, 0)).toBe(everyWay.length);
  expect(Object.keys(sums).sort()).toEqual([...progressParts].sort());
});

test('what stopped half-way is wrong, in every state an item can be parked in', () => {
  for (const { state, open } of everyWay) if (!open && !isTerminal(state)) expect(progressOf(state, open), state).toBe('wrong');
});

test('only what was proved and adopted is complete', () => {
  expect(everyWay.filter(({ state, open }) => progressOf(state, open) === 'complete').map(({ state }) => state)).toEqual([
    'complete',
    'complete',
  ]);
});

test('a doubt that is still being settled is under way; one that is left is wrong', () => {
  expect(progressOf('in-doubt', true)).toBe('under-way');
  expect(progressOf('in-doubt', false)).toBe('wrong');
});
