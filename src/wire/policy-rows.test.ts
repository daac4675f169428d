import { expect, test } from 'vitest';
import { policyRows } from './policy-rows.ts';

test('each rule says which side is the stricter, and what no value can meet is a conflict', () => {
  expect(policyRows({ minLength: 16, maxLength: 32, classes: 3 }, { length: 12, classes: ['lower', 'upper', 'digit'] })).toEqual([
    { rule: 'length', target: '16–32', estate: '12', verdict: 'looser' },
    { rule: 'classes', target: '3 kinds', estate: 'lower, upper, digit', verdict: 'agrees' },
  ]);
  expect(policyRows({ maxLength: 16 }, { length: 24 })).toMatchObject([{ rule: 'length', verdict: 'conflict' }]);
  expect(policyRows({ minLength: 8, maxLength: 0 }, { length: 24 })).toMatchObject([{ target: '8–any', verdict: 'stricter' }]);
  expect(policyRows({ exclude: 'ab', history: 5, minAgeSeconds: 60 }, { exclude: 'a' })).toMatchObject([
    { rule: 'exclude', verdict: 'looser' },
    { rule: 'history', verdict: 'target-only' },
    { rule: 'min-age', verdict: 'target-only' },
  ]);
  expect(policyRows(null, { length: 20 })).toEqual([{ rule: 'length', target: null, estate: '20', verdict: 'estate-only' }]);
  expect(policyRows(null, {})).toEqual([]);
});
