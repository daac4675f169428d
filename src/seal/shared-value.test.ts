import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Class, classes } from '../domain/united.ts';
import type { PasswordPolicy } from '../kit/capability.ts';
import { drawFrom, sharedContext } from './draw.ts';
import { type GeneratorRules, generate } from './generate.ts';
import { type Member, uniteSystems } from './unite-systems.ts';

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const defined = <T extends object>(value: T) => Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined));
const exclude = optional(fc.string({ unit: fc.constantFrom(...'abcXYZ0123456789-_.+~!*=,"'), maxLength: 20 }));
const policy = fc
  .record({ minLength: optional(fc.nat(40)), maxLength: optional(fc.integer({ min: 8, max: 80 })), classes: optional(fc.nat(4)), exclude })
  .map((p) => defined(p) as PasswordPolicy);
const rules = fc
  .record({ length: optional(fc.integer({ min: 8, max: 64 })), classes: optional(fc.uniqueArray(fc.constantFrom(...classes))), exclude })
  .map((r) => defined(r) as GeneratorRules);
const members = fc
  .array(fc.record({ policy: optional(policy), rules }), { minLength: 1, maxLength: 4 })
  .map((list): Member[] => list.map((each, n) => ({ system: `system-${n}`, ...each })));
const part = fc.string({ maxLength: 12 });
const context = fc.record({ run: part, group: part, person: part, attempt: fc.nat(5) });
const kindOf = (c: string): Class => (/[a-z]/.test(c) ? 'lower' : /[A-Z]/.test(c) ? 'upper' : /\d/.test(c) ? 'digit' : 'symbol');

test('a shared value meets the policy and the rules of every system of its group, or the union says why there is none', () => {
  let made = 0;
  let refused = 0;
  fc.assert(
    fc.property(members, context, (list, shared) => {
      const united = uniteSystems(list);
      if ('conflict' in united) {
        refused++;
        expect(united.conflict).toMatch(/^system-\d \(.*\).*: .*\.$/);
        return;
      }
      made++;
      const text = generate(united, drawFrom(createSecretKey(randomBytes(32)), sharedContext(shared)));
      const kinds = new Set([...text].map(kindOf));
      for (const each of list) {
        expect(text.length).toBeGreaterThanOrEqual(Math.max(each.policy?.minLength ?? 0, each.rules.length ?? 0));
        expect(text.length).toBeLessThanOrEqual(each.policy?.maxLength || 1024);
        expect(kinds.size).toBeGreaterThanOrEqual(each.policy?.classes ?? 0);
        for (const kind of each.rules.classes ?? []) expect(kinds).toContain(kind);
        for (const character of (each.policy?.exclude ?? '') + (each.rules.exclude ?? '')) expect(text).not.toContain(character);
      }
    }),
    { numRuns: 400 },
  );
  expect(made).toBeGreaterThan(50);
  expect(refused).toBeGreaterThan(20);
});

test('two systems that contradict each other are named with their rules, however many are in the group', () => {
  const of = (system: string, policy: PasswordPolicy, rules: GeneratorRules = {}): Member => ({ system, policy, rules });
  const fine = of('wiki', { minLength: 8 });
  expect(uniteSystems([fine, of('corp-ldap', { minLength: 30 }), fine, of('mainframe', { maxLength: 24 })])).toEqual({
    conflict:
      'corp-ldap (at least 30 characters) and mainframe (at most 24): one rule asks for at least 30 characters, another allows at most 24.',
  });
  const strict = of('pin-pad', {}, { classes: ['lower'], exclude: 'abcdefghijklmnopqrstuvwxyz' });
  expect(uniteSystems([fine, strict])).toMatchObject({ conflict: expect.stringMatching(/^pin-pad \([^)]*\): a lower is demanded/) });
});

const united = uniteSystems([{ system: 'a', policy: { minLength: 20, classes: 3 }, rules: {} }]);
const value = (key: Buffer, shared: Parameters<typeof sharedContext>[0]): string => {
  if ('conflict' in united) throw new Error(united.conflict);
  return generate(united, drawFrom(createSecretKey(key), sharedContext(shared)));
};

test('every lane that holds the key of the run arrives at the same value; another key, run, group, person or attempt gives another', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), context, context, (bytes, one, other) => {
      const key = Buffer.from(bytes);
      expect(value(key, one)).toBe(value(Buffer.from(key), { ...one }));
      if (sharedContext(one) !== sharedContext(other)) expect(value(key, one)).not.toBe(value(key, other));
      expect(value(randomBytes(32), one)).not.toBe(value(key, one));
    }),
  );
  const one = { run: 'R-1', group: 'office', person: 'alice', attempt: 0 };
  const key = randomBytes(32);
  const all = [one, { ...one, run: 'R-2' }, { ...one, group: 'shop' }, { ...one, person: 'bob' }, { ...one, attempt: 1 }];
  expect(new Set(all.map((each) => value(key, each))).size).toBe(all.length);
});

test('draws are even: no character comes up more often than chance allows', () => {
  const draw = drawFrom(createSecretKey(randomBytes(32)), 'even');
  const counts = new Array<number>(72).fill(0);
  for (let n = 0; n < 72_000; n++) counts[draw(72)]!++;
  // Chi-squared over 71 degrees of freedom: above 150 once in ten million.
  expect(counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(150);
});
