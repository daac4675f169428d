// What needs no server: the rules read from a regular expression, the settings, the guess at who is behind a user, dates without a zone.
import { expect, test } from 'vitest';
import { config } from './config.ts';
import { kindOf } from './guess.ts';
import { policyOf } from './policy.ts';
import { unauthorizedTexts } from './probe.ts';
import { dateOf, userOf } from './user.ts';

test.each([
  ['^(?=.*\\d)(?=.*[a-zA-Z]).{7,}$', { minLength: 7, classes: 3 }],
  ['^(?=.*[a-z])(?=.*[A-Z]).{10,40}$', { minLength: 10, maxLength: 40, classes: 2 }],
  ['^(?=.*\\d)(?=.*[^a-zA-Z0-9]).{14,100}$', { minLength: 14, maxLength: 72, classes: 4 }],
  ['^(?=.*\\W).{8,}$', { minLength: 8, classes: 4 }],
  ['^.{12}$', { minLength: 12, maxLength: 12 }],
  ['^[a-z0-9]+$', {}],
])('the rule %s', (regex, policy) => expect(policyOf(regex)).toEqual(policy));

test('credentials do not cross a network in the clear unless the estate file says so', () => {
  const base = { user: 'rekey', password: { env: 'X' } };
  expect(() => config.parse({ ...base, url: 'http://keystone.example:5000' })).toThrow(/url/);
  expect(config.parse({ ...base, url: 'http://keystone.example:5000', insecure: true }).insecure).toBe(true);
  expect(config.parse({ ...base, url: 'http://127.0.0.1:5000' }).url).toBe('http://127.0.0.1:5000');
  for (const url of ['https://u:p@keystone.example', 'https://keystone.example?x=1', 'ftp://keystone.example'])
    expect(() => config.parse({ ...base, url })).toThrow(/url/);
});

test('what the service says in words is told apart; its plain "no" is not in the table', () => {
  const codeOf = (text: string) => unauthorizedTexts.find(({ says }) => says.test(text))?.code;
  expect(codeOf('The password is expired and needs to be changed for user: 5d3b.')).toBe('401-expired');
  expect(codeOf('The account is locked for user: 5d3b.')).toBe('401-locked');
  expect(codeOf('The account is disabled for user: 5d3b.')).toBe('401-disabled');
  expect(codeOf('The request you have made requires authentication.')).toBeUndefined();
});

test.each([
  ['nova', undefined, 'service'],
  ['neutron-agent', undefined, 'service'],
  ['backup-svc', undefined, 'service'],
  ['ci', 'ci@example.test', 'service'],
  ['admin', undefined, 'shared'],
  ['jane', 'jane@example.test', 'human'],
  ['novak', undefined, 'unknown'],
])('%s with e-mail %s is %s', (name, email, kind) => expect(kindOf({ name, email })).toBe(kind));

test('the service writes UTC without saying so', () => {
  expect(dateOf('2027-02-19T14:32:36.000000')?.toISOString()).toBe('2027-02-19T14:32:36.000Z');
  expect(dateOf('2027-02-19T14:32:36Z')?.toISOString()).toBe('2027-02-19T14:32:36.000Z');
  expect(dateOf(undefined)).toBeUndefined();
  expect(userOf({ id: 1 })).toBeUndefined();
});
