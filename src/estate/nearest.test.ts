import fc from 'fast-check';
import { expect, test } from 'vitest';
import { didYouMean, nearest } from './nearest.ts';

test('typing slips find the word, far-fetched words do not', () => {
  expect(nearest('ldpa', ['ldap', 'radius'])).toBe('ldap');
  expect(nearest('acount', ['account', 'system'])).toBe('account');
  expect(nearest('LIMITS', ['limits'])).toBe('limits');
  expect(nearest('zzz', ['account', 'system'])).toBeUndefined();
});
test('the word itself is always nearest to itself', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }),
      fc.array(fc.string()),
      (word, others) => nearest(word, [...others, word])?.toLowerCase() === word.toLowerCase(),
    ),
  );
});
test('a short list is shown whole when nothing is near', () => {
  expect(didYouMean('zzzzzz', ['b', 'a'])).toBe('known here: a, b');
  expect(didYouMean('zzzzzz', [])).toBeUndefined();
});
