// Lockout arithmetic and policies: what is unknown stays unknown, and of several policies the strictest holds.
import { describe, expect, test } from 'vitest';
import { fromGeneralizedTime } from '../../protocols/ldap/time.ts';
import { isUsable, lockoutFrom, passwordPolicyFrom } from './policy.ts';
import { type Policy, strictest } from './policy-entry.ts';

const policy = (part: Partial<Policy> = {}): Policy => ({
  ...{ dn: 'cn=default', minLength: 12, maxLength: 0, classes: 0, history: 3, minAgeSeconds: 0, lockout: true, maxFailure: 5 },
  ...{ failureSeconds: 0, lockoutSeconds: 0, mustChange: false },
  ...part,
});
const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1000);

describe('lockout', () => {
  test('only failures within the interval count; without one all do', () => {
    const stamp = (seconds: number) => at(seconds).toISOString().replaceAll(/[-:T]/g, '');
    const failures = [stamp(0), stamp(50), stamp(100)];
    expect(lockoutFrom([{ failures }], policy({ failureSeconds: 60 }), 5, at(101))).toEqual({
      threshold: 5,
      failures: 2,
      resetsOnSuccess: true,
      windowSeconds: 60,
    });
    expect(lockoutFrom([{ failures }], policy(), 5, at(10_000)).failures).toBe(3);
    const elsewhere = [{ failures }, { failures: [stamp(100), stamp(101), 'unreadable'] }];
    expect(lockoutFrom(elsewhere, policy({ failureSeconds: 60 }), 5, at(102)).failures).toBe(4);
  });

  test('failures that cannot be read are not zero', () => {
    expect(lockoutFrom([{ failures: undefined }, { failures: [] }], policy(), 5, at(0)).failures).toBeUndefined();
  });

  test('an expired lock is no lock, an endless one is, and a policy without lockout honours none', () => {
    expect(isUsable({ adminLocked: false, lockedAt: at(0) }, policy({ lockoutSeconds: 60 }), at(59))).toBe(false);
    expect(isUsable({ adminLocked: false, lockedAt: at(0) }, policy({ lockoutSeconds: 60 }), at(60))).toBe(true);
    expect(isUsable({ adminLocked: false, lockedAt: at(0) }, policy(), at(1_000_000))).toBe(false);
    expect(isUsable({ adminLocked: true }, policy(), at(0))).toBe(false);
    expect(isUsable({ adminLocked: true }, policy({ lockout: false }), at(0))).toBe(true);
    expect(isUsable({ adminLocked: false }, undefined, at(0))).toBe(true);
  });
});

describe('policies', () => {
  test('of several, what satisfies all', () => {
    const all = strictest([
      policy({ minLength: 8, maxLength: 64, maxFailure: 10, failureSeconds: 60 }),
      policy({ minLength: 16, maxLength: 0, maxFailure: 3, lockoutSeconds: 5 }),
      policy({ lockout: false, maxFailure: 0 }),
    ]);
    expect(all).toMatchObject({ minLength: 16, maxLength: 64, lockout: true, maxFailure: 3, failureSeconds: 0, lockoutSeconds: 0 });
    expect(strictest([])).toBeUndefined();
  });

  test('what a policy does not say is left out', () => {
    expect(passwordPolicyFrom(policy({ minLength: 0, history: 0 }))).toEqual({});
    expect(passwordPolicyFrom(policy({ maxLength: 64, minAgeSeconds: 60 }))).toEqual({
      minLength: 12,
      maxLength: 64,
      history: 3,
      minAgeSeconds: 60,
    });
    expect(passwordPolicyFrom(undefined)).toEqual({});
  });
});

describe('generalized time', () => {
  test.each([
    ['20261121030208Z', '2026-11-21T03:02:08.000Z'],
    ['20261121024950.180513Z', '2026-11-21T02:49:50.180Z'],
    ['202611210302Z', '2026-11-21T03:02:00.000Z'],
    ['20261121030208+0130', '2026-11-21T01:32:08.000Z'],
  ])('%s', (value, iso) => expect(fromGeneralizedTime(value)?.toISOString()).toBe(iso));

  test.each(['000001010000Z', '', 'now', '20261321030208Z', undefined])('%s is no time', (value) =>
    expect(fromGeneralizedTime(value)).toBeUndefined(),
  );
});
