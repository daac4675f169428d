import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Class, classes, type United } from '../domain/united.ts';
import type { PasswordPolicy } from '../kit/capability.ts';
import { bitsOf, type GeneratorRules, generate, unite } from './generate.ts';

const kindOf = (character: string): Class =>
  /[a-z]/.test(character) ? 'lower' : /[A-Z]/.test(character) ? 'upper' : /\d/.test(character) ? 'digit' : 'symbol';
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const defined = <T extends object>(value: T) => Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined));
const exclude = optional(fc.string({ unit: fc.constantFrom(...'abcxyzABCXYZ0123456789-_.+~!*=,"\\\' $'), maxLength: 30 }));
const policy = fc
  .record({ minLength: optional(fc.nat(40)), maxLength: optional(fc.integer({ min: 8, max: 80 })), classes: optional(fc.nat(4)), exclude })
  .map((p) => defined(p) as PasswordPolicy);
const rules = fc
  .record({ length: optional(fc.integer({ min: 1, max: 64 })), classes: optional(fc.uniqueArray(fc.constantFrom(...classes))), exclude })
  .map((r) => defined(r) as GeneratorRules);

test('whatever policies are united, the value meets all of them, or a sentence says why it cannot', () => {
  let made = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.array(policy, { maxLength: 4 }), rules, (policies, r) => {
      const united = unite(policies, r);
      if ('conflict' in united) {
        refused++;
        expect(united.conflict).toMatch(/^[A-Z0-9].*\.$/);
        return;
      }
      made++;
      const text = generate(united);
      const kinds = new Set([...text].map(kindOf));
      for (const p of policies) {
        expect(text.length).toBeGreaterThanOrEqual(p.minLength ?? 0);
        expect(text.length).toBeLessThanOrEqual(p.maxLength || 1024);
        expect(kinds.size).toBeGreaterThanOrEqual(p.classes ?? 0);
        for (const character of p.exclude ?? '') expect(text).not.toContain(character);
      }
      expect(text.length).toBeGreaterThanOrEqual(r.length ?? 0);
      for (const c of r.classes ?? []) expect(kinds).toContain(c);
      for (const character of r.exclude ?? '') expect(text).not.toContain(character);
      if (united.sets.lower + united.sets.upper !== '') expect(text).toMatch(/^[A-Za-z]/);
      expect(text).not.toMatch(/['"`\\;$%^@:/&#\s]/);
      expect(bitsOf(united)).toBeGreaterThanOrEqual(128);
    }),
    { numRuns: 2_000 },
  );
  expect(made).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(100);
});

test('with no demands it has 24 characters and more than 128 bits', () => {
  const united = unite([], {}) as United;
  expect(united.length).toBe(24);
  expect(bitsOf(united)).toBeGreaterThan(140);
});

test('the longest minimum and the shortest maximum count; few characters make it longer', () => {
  expect(unite([{ minLength: 30 }, { minLength: 26, maxLength: 32 }], {})).toMatchObject({ length: 30 });
  expect(unite([{ maxLength: 22 }], {})).toMatchObject({ length: 22 });
  expect(unite([{ exclude: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.+~!*=,' }], {})).toMatchObject({ length: 39 });
  expect(unite([{ maxLength: 0 }], {})).toMatchObject({ length: 24 });
});

test.each<[string, PasswordPolicy[], GeneratorRules]>([
  ['One rule asks for at least 40 characters, another allows at most 32.', [{ maxLength: 32 }], { length: 40 }],
  ['16 characters out of 71 give 97 bits; 128 are needed.', [{ maxLength: 16 }], {}],
  ['A symbol is demanded, but every one that can be used is excluded.', [{ exclude: '-_.+~!*=,' }], { classes: ['symbol'] }],
  ['4 kinds of characters are demanded; 3 can be used (lower, upper, digit).', [{ exclude: '-_.+~!*=,', classes: 4 }], {}],
])('%s', (sentence, policies, r) => {
  expect(unite(policies, r)).toEqual({ conflict: sentence });
});

test('every character is as likely as every other', () => {
  const united = unite([], { length: 40 }) as United;
  const counts = new Map<string, number>();
  const n = 5_000;
  for (let i = 0; i < n; i++) for (const character of generate(united).slice(1)) counts.set(character, (counts.get(character) ?? 0) + 1);
  const size = Object.values(united.sets).join('').length;
  const expected = (n * 39) / size;
  const chi = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  expect(counts.size).toBe(size);
  // 70 degrees of freedom: 160 is passed by chance once in 10^8 runs; a modulo bias of one part in eight gives over 1,000.
  expect(chi).toBeLessThan(160);
});

test('the entropy counts exactly the texts that may come out', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.subarray([...classes]),
      fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(1)),
      (length, demanded, [l, u, d, s]) => {
        const sets = { lower: 'ab'.slice(0, l), upper: 'AB'.slice(0, u), digit: '01'.slice(0, d), symbol: '-'.slice(0, s) };
        const alphabet = Object.values(sets).join('');
        fc.pre(alphabet !== '');
        const first = sets.lower + sets.upper || alphabet;
        let texts = [...first];
        for (let i = 1; i < length; i++) texts = texts.flatMap((t) => [...alphabet].map((character) => t + character));
        const count = texts.filter((t) => demanded.every((c) => [...t].some((character) => kindOf(character) === c))).length;
        expect(bitsOf({ length, sets, demanded })).toBeCloseTo(count === 0 ? 0 : Math.log2(count), 6);
      },
    ),
  );
});
