// Policies, failure counts and the end of tickets, worked out from what a controller stores.
import { expect, test } from 'vitest';
import { config } from './config.ts';
import { waitBetweenResetsMs } from './krbtgt.ts';
import { domainPolicyFrom, failuresOn, lockoutFrom, objection, passwordPolicyFrom, psoFrom } from './policy.ts';
import { ticketsEnd } from './tickets.ts';

const entry = (values: Record<string, string>) => ({
  dn: 'DC=lab,DC=test',
  values: new Map(Object.entries(values).map(([type, value]) => [type.toLowerCase(), [Buffer.from(value)]])),
});
const policy = { dn: 'x', minLength: 12, complex: true, history: 24, minAgeSeconds: 86_400, threshold: 5, windowSeconds: 1800 };

test('the domain and a fine-grained policy are read alike; one that hides its values is unknown, not lax', () => {
  const head = { minPwdLength: '12', pwdProperties: '1', pwdHistoryLength: '24', minPwdAge: '-864000000000', lockoutThreshold: '5' };
  expect(domainPolicyFrom(entry({ ...head, lockOutObservationWindow: '-18000000000' }))).toEqual({ ...policy, dn: 'DC=lab,DC=test' });
  const pso = {
    'msDS-MinimumPasswordLength': '12',
    'msDS-PasswordComplexityEnabled': 'TRUE',
    'msDS-PasswordHistoryLength': '24',
    'msDS-MinimumPasswordAge': '-864000000000',
    'msDS-LockoutThreshold': '5',
    'msDS-LockoutObservationWindow': '-18000000000',
  };
  expect(psoFrom(entry(pso))).toEqual({ ...policy, dn: 'DC=lab,DC=test' });
  expect(psoFrom(entry({}))).toBeUndefined();
  expect(passwordPolicyFrom(policy)).toEqual({ minLength: 12, maxLength: 127, classes: 3, history: 24 });
});

test('what a controller would refuse at the second write is refused before the first', () => {
  expect(objection(policy, 'Short-1aA', [])).toMatch(/12 characters/);
  expect(objection(policy, 'onlylowercaseletters', [])).toMatch(/three classes/);
  expect(objection(policy, 'My-alice-Secret-1', ['alice'])).toMatch(/name of the account/);
  expect(objection(policy, 'My-al-Secret-12345', ['al'])).toBeUndefined();
  expect(objection({ ...policy, complex: false }, 'onlylowercaseletters', ['only'])).toBeUndefined();
});

test('failures count within their window; of two controllers the higher count may lock; an unreadable one is unknown', () => {
  const now = new Date('2026-01-01T12:00:00Z');
  const at = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
  expect(failuresOn({ failures: 3, failedAt: at(29) }, 1800, now)).toBe(3);
  expect(failuresOn({ failures: 3, failedAt: at(30) }, 1800, now)).toBe(0);
  expect(failuresOn({ failures: 3, failedAt: at(99) }, 0, now)).toBe(3);
  expect(
    lockoutFrom(
      [
        { failures: 1, failedAt: at(1) },
        { failures: 2, failedAt: at(1) },
      ],
      policy,
      now,
    ),
  ).toEqual({
    threshold: 5,
    failures: 2,
    resetsOnSuccess: true,
    windowSeconds: 1800,
  });
  expect(lockoutFrom([{ failures: 1, failedAt: at(1) }, {}], policy, now).failures).toBe(1);
  expect(lockoutFrom([{}, {}], policy, now).failures).toBeUndefined();
  expect(lockoutFrom([{ failures: 0 }], undefined, now).threshold).toBeUndefined();
});

const { tickets } = config.parse({ controllers: ['ldaps://dc1'], bind: { user: 'x', password: { env: 'X' } } });

test('tickets: seven days after the last logon, or one ticket life after the account was disabled, whichever is sooner; to the minute', () => {
  const logon = new Date('2026-01-01T00:00:30Z');
  expect(ticketsEnd(logon, undefined, tickets).toISOString()).toBe('2026-01-08T00:06:00.000Z');
  expect(ticketsEnd(logon, new Date('2026-01-01T12:00:00Z'), tickets).toISOString()).toBe('2026-01-01T22:05:00.000Z');
  expect(ticketsEnd(logon, new Date('2026-01-07T23:00:00Z'), tickets).toISOString()).toBe('2026-01-08T00:06:00.000Z');
});

test('krbtgt: between two resets the longest ticket, twice the clock skew, and what replication took', () => {
  expect(waitBetweenResetsMs(tickets, 12_000)).toBe((600 + 10) * 60_000 + 12_000);
});

test.each([
  [{ controllers: ['ldap://dc1.lab.test'] }, 'ldaps://'],
  [{ controllers: [] }, 'controllers'],
  [{ controllers: ['ldaps://dc1/DC=lab'] }, 'ldaps://'],
  [{ controllers: ['ldaps://dc1'], previousPassword: 'never' }, 'previousPassword'],
  [{ controllers: ['ldaps://dc1'], filter: '(cn=' }, 'LDAP filter'],
  [{ controllers: ['ldaps://dc1'], password: 'plain' }, 'password'],
] as const)('a config that would be wrong or unsafe names its field: %o', (more, said) => {
  expect(() => config.parse({ bind: { user: 'x', password: { env: 'X' } }, ...more })).toThrow(said);
});
