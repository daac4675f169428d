// MariaDB's record of an account as it is stored, and the rules of its validation plugins, read without a server.
import { expect, test } from 'vitest';
import { secretOf } from '../../seal/secret.ts';
import { isEmpty, isOff, recordOf, takesPassword } from './record.ts';
import { broken, rulesOf } from './rules.ts';

const hash = '*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4';
const record = (priv: object, lifetime = 0) =>
  recordOf({ user: 'app', host: '%', priv: JSON.stringify(priv), now: '1700000000.5', lifetime });

test('the methods of an account stand in the order the server tries them; {} is the one at the top', () => {
  const { methods } = record({
    plugin: 'mysql_native_password',
    authentication_string: hash,
    auth_or: [{ plugin: 'unix_socket' }, {}, { plugin: 'ed25519', authentication_string: 'k' }],
  });
  expect(methods.map(({ plugin }) => plugin)).toEqual(['unix_socket', 'mysql_native_password', 'ed25519']);
  expect(methods.map(takesPassword)).toEqual([false, true, true]);
  expect(record({}).methods).toEqual([{ plugin: 'mysql_native_password', stored: '' }]);
});

test('a text no password has is off, an empty one is open to anybody', () => {
  const native = (stored: string) => ({ plugin: 'mysql_native_password', stored });
  expect([native('invalid'), native(hash), native(''), { plugin: 'ed25519', stored: 'k' }].map(isOff)).toEqual([true, false, false, false]);
  expect([native(''), { plugin: 'unix_socket', stored: '' }].map(isEmpty)).toEqual([true, false]);
});

test('a password expires by hand, by its own lifetime, or by the default of the server', () => {
  const day = 86_400;
  const at = 1_700_000_000;
  expect(record({ password_last_changed: 0 })).toMatchObject({ expired: true, changedAt: undefined });
  expect(record({ password_last_changed: at - 10 * day, password_lifetime: 9 }).expired).toBe(true);
  expect(record({ password_last_changed: at - 10 * day, password_lifetime: 0 }, 9).expired).toBe(false);
  expect(record({ password_last_changed: at - 10 * day }, 9).expired).toBe(true);
  expect(record({ password_last_changed: at - 10 * day }, 11)).toMatchObject({
    expired: false,
    changedAt: new Date((at - 10 * day) * 1000),
  });
});

test('a plugin that is not loaded has no rules; strict matters beside one only; the standard limit of errors is none', () => {
  expect(rulesOf(new Map([['strict_password_validation', 'ON']]))).toMatchObject({ strict: false, minLength: 0 });
  const loaded = new Map([
    ['strict_password_validation', 'ON'],
    ['simple_password_check_minimal_length', '10'],
    ['simple_password_check_digits', '2'],
    ['simple_password_check_letters_same_case', '1'],
    ['simple_password_check_other_characters', '1'],
    ['max_password_errors', '4294967295'],
  ]);
  const rules = rulesOf(loaded);
  expect(rules).toMatchObject({ strict: true, minLength: 10, digits: 2, letters: 1, others: 1, maxErrors: 0 });
  expect(rulesOf(new Map([['max_password_errors', '5']])).maxErrors).toBe(5);
  expect(
    ['Sh0rt-1', 'long-Enough-1', 'long-enough-12', 'longEnough12', 'long-Enough-12'].map((text) => broken(rules, secretOf('x', text))),
  ).toEqual([
    'the server asks for at least 10 characters',
    'the server asks for at least 2 digits',
    'the server asks for at least 1 letters of each case',
    'the server asks for at least 1 other characters',
    undefined,
  ]);
});
