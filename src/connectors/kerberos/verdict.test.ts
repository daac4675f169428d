// The table from KDC errors to verdicts, code by code, and names that cannot be asked about.
import { expect, test } from 'vitest';
import { config, principalOf } from './config.ts';
import { isRight, verdictOf } from './verdict.ts';

for (const [code, verdict] of [
  [1, 'blocked'],
  [6, 'indeterminate'],
  [11, 'indeterminate'],
  [12, 'blocked'],
  [14, 'indeterminate'],
  [18, 'blocked'],
  [21, 'blocked'],
  [23, 'blocked'],
  [24, 'rejected'],
  [29, 'indeterminate'],
  [37, 'indeterminate'],
  [60, 'indeterminate'],
  [68, 'indeterminate'],
] as const)
  test(`KDC error ${code} is ${verdict}`, () => expect(verdictOf(code)).toBe(verdict));

test('of all numbers only 24 is a rejection', () => {
  const rejections = Array.from({ length: 200 }, (_, code) => code).filter((code) => verdictOf(code) === 'rejected');
  expect(rejections).toEqual([24]);
});

test('an expired password is told to be right only in answer to a timestamp that was shown: MIT says it of any', () => {
  expect(isRight({ code: 23, shown: true })).toBe(true);
  expect(isRight({ code: 23, shown: false })).toBe(false);
  for (const code of [1, 18, 21, 24]) expect(isRight({ code, shown: true })).toBe(false);
});

test('a name of another realm, or an empty one, is not asked about', () => {
  expect(principalOf('alice', 'LAB.TEST')).toEqual(['alice']);
  expect(principalOf('alice@lab.test', 'LAB.TEST')).toEqual(['alice']);
  expect(principalOf('imap/mail.lab.test', 'LAB.TEST')).toEqual(['imap', 'mail.lab.test']);
  for (const user of ['alice@other.test', '', '@LAB.TEST', 'imap/']) expect(principalOf(user, 'LAB.TEST')).toBeUndefined();
});

test('a realm needs at least one KDC, and no unknown key is taken', () => {
  const kdcs = [{ host: 'dc1.lab.test' }];
  expect(config.parse({ realm: 'LAB.TEST', kdcs }).kdcs).toEqual([{ host: 'dc1.lab.test', port: 88 }]);
  expect(() => config.parse({ realm: 'LAB.TEST', kdcs: [] })).toThrow(/kdcs/);
  expect(() => config.parse({ realm: 'LAB.TEST', kdcs, keytab: 'x' })).toThrow(/keytab/);
});
