// Redis' answers to AUTH: nothing but its credential error is a refused secret.
import { expect, test } from 'vitest';
import { authMeanings, probedOf } from './verdict.ts';

test('only the credential errors reject', () => {
  expect(authMeanings.filter(({ probed }) => probed.verdict === 'rejected').map(({ probed }) => probed.code)).toEqual([
    'WRONGPASS',
    'ERR invalid password',
  ]);
});

test.each([
  ['WRONGPASS', 'invalid username-password pair or user is disabled.', 'rejected'],
  ['ERR', 'invalid password', 'rejected'],
  ['ERR', 'AUTH <password> called without any password configured for the default user. Are you sure?', 'accepted'],
  ['ERR', 'Client sent AUTH, but no password is set', 'accepted'],
  ['ERR', 'max number of clients reached', 'indeterminate'],
  ['ERR', "unknown command 'AUTH'", 'indeterminate'],
  ['ERR', 'max number of failed logins, invalid password', 'indeterminate'],
  ['NOPERM', 'User has no permissions', 'indeterminate'],
  ['DENIED', 'Redis is running in protected mode', 'indeterminate'],
  ['LOADING', 'Redis is loading the dataset in memory', 'indeterminate'],
  ['NOAUTH', 'Authentication required.', 'indeterminate'],
  ['WHATEVER', '', 'indeterminate'],
] as const)('%s %s is %s', (code, text, verdict) => {
  expect(probedOf({ kind: 'failed', code, text }).verdict).toBe(verdict);
});

test('a lost answer, an unsent one and an odd one say nothing', () => {
  for (const code of ['ETIMEDOUT', 'ECONNRESET', 'ECONNREFUSED', 'ABORTED'])
    for (const kind of ['lost', 'unsent'] as const) expect(probedOf({ kind, code })).toEqual({ verdict: 'indeterminate', code });
  expect(probedOf({ kind: 'reply', value: 'QUEUED' }).verdict).toBe('indeterminate');
  expect(probedOf({ kind: 'reply', value: 'OK' })).toEqual({ verdict: 'accepted', code: 'OK' });
});
