// Whatever parts the API may send, a bar shows them all, each under its own word, and closed with wrong and the rest make the whole.
import { expect, test } from 'vitest';
import { progressParts } from '../../../src/domain/progress.ts';
import { closedOf, parts, together, totalOf, wrongOf } from './progress.ts';

test('every part that the domain knows has its own word and its place in the bar', () => {
  expect(parts.map(({ part }) => part)).toEqual([...progressParts]);
  expect(new Set(parts.map(({ word }) => word)).size).toBe(progressParts.length);
});

test('what stopped half-way is neither closed nor left out of the whole', () => {
  const sums = { complete: 5, settled: 2, wrong: 3, 'under-way': 1 };
  expect([totalOf(sums), closedOf(sums), wrongOf(sums)]).toEqual([11, 7, 3]);
});

test('waves together hold what each of them holds', () => {
  const all = together([
    { complete: 1, wrong: 2 },
    { complete: 3, 'by-hand': 1 },
  ]);
  expect([totalOf(all), all.complete, all.wrong, all['by-hand']]).toEqual([7, 4, 2, 1]);
});
