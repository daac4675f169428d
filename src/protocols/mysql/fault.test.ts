// The tables that turn the servers' numbers into outcomes and verdicts: nothing unknown is certain, nothing uncertain is a refused secret.
import { describe, expect, test } from 'vitest';
import { connectErrors, outcomeOf, statementErrors } from './fault.ts';
import { failureOf } from './login.ts';
import { loginMeanings, verdictOf } from './verdict.ts';

describe('an answer to a change', () => {
  test('with a number of the table is refused; lost, it never is', () => {
    for (const [number, { fault }] of Object.entries(statementErrors)) {
      expect(outcomeOf({ kind: 'failed', errno: Number(number), text: '' })).toMatchObject({
        kind: 'refused',
        fault: { code: fault, target: number },
      });
    }
    for (const code of ['ECONNRESET', 'ETIMEDOUT', 'ABORTED', 'PROTOCOL_CONNECTION_LOST'])
      expect(outcomeOf({ kind: 'lost', code }).kind).toBe('indeterminate');
  });

  test.each([1053, 1317, 1927, 1969, 2013, 3024, 3169, 4031, 65_000])('with %i says nothing certain', (errno) => {
    expect(outcomeOf({ kind: 'failed', errno, text: '' }).kind).toBe('indeterminate');
  });

  test('that was never sent is refused, whatever stopped it', () => {
    for (const errno of [...Object.keys(connectErrors).map(Number), 9999])
      expect(outcomeOf({ kind: 'unsent', errno, code: String(errno) }).kind).toBe('refused');
    for (const code of ['ECONNREFUSED', 'ETIMEDOUT', 'ENOTFOUND', 'EPOOL', 'EOWNSECRET', 'ABORTED', 'ETLS'])
      expect(outcomeOf({ kind: 'unsent', code }).kind).toBe('refused');
  });

  test.each([
    ['--strict-password-validation', 'policy'],
    ['--read-only', 'unreachable'],
    ['--super-read-only', 'unreachable'],
    ['--skip-grant-tables', 'unsupported'],
    ['--something-else', 'unsupported'],
  ] as const)('1290 is one number for every option: %s is %s', (option, code) => {
    const text = `The server is running with the ${option} option so it cannot execute this statement`;
    expect(outcomeOf({ kind: 'failed', errno: 1290, text })).toMatchObject({ kind: 'refused', fault: { code, target: '1290' } });
  });

  test("never repeats the server's text: it may quote the statement", () => {
    for (const errno of [1064, 1290, 1396, 1819, 65_000])
      expect(JSON.stringify(outcomeOf({ kind: 'failed', errno, text: "near '*6C89' --read-only" }))).not.toContain('6C89');
  });

  test('that asks to wait says for how long', () => {
    expect(outcomeOf({ kind: 'failed', errno: 1205, text: '' })).toMatchObject({ fault: { code: 'throttled', retryAfterMs: 500 } });
    expect(outcomeOf({ kind: 'unsent', errno: 1040, code: '1040' })).toMatchObject({ fault: { code: 'throttled', retryAfterMs: 500 } });
  });
});

describe('an answer to a login', () => {
  test('rejects by the credential error alone', () => {
    expect(Object.keys(loginMeanings).filter((errno) => verdictOf(Number(errno)) === 'rejected')).toEqual(['1045']);
  });

  test.each([
    [1044, 'accepted'],
    [1045, 'rejected'],
    [1049, 'accepted'],
    [1203, 'accepted'],
    [1226, 'accepted'],
    [1698, 'blocked'],
    [1820, 'blocked'],
    [1862, 'blocked'],
    [3118, 'blocked'],
    [3955, 'blocked'],
    [4150, 'blocked'],
    [4151, 'blocked'],
    [1040, 'indeterminate'],
    [1129, 'indeterminate'],
    [1130, 'indeterminate'],
    [1251, 'indeterminate'],
    [65_000, 'indeterminate'],
  ] as const)('%i is %s', (errno, verdict) => {
    expect(verdictOf(errno)).toBe(verdict);
  });

  test("is read by its number: the driver's names for MariaDB's numbers are those of other errors", () => {
    const locked = Object.assign(new Error('Access denied, this account is locked'), {
      code: 'ER_BULK_PARSER_MISSING_LOCATION_PARAMETER',
      errno: 4151,
      sqlState: 'HY000',
    });
    expect(failureOf(locked)).toEqual({ kind: 'failed', errno: 4151 });
  });

  test('of the socket, of TLS or of the driver has no number', () => {
    const error = (message: string, more: object) => Object.assign(new Error(message), more);
    expect(failureOf(error('connect ECONNREFUSED', { code: 'ECONNREFUSED', errno: -111 }))).toEqual({ kind: 'lost', code: 'ECONNREFUSED' });
    expect(failureOf(error('self-signed certificate', { code: 'HANDSHAKE_SSL_ERROR' }))).toEqual({ kind: 'lost', code: 'ETLS' });
    expect(failureOf(error("Hostname/IP does not match certificate's altnames: x", { code: 'HANDSHAKE_SSL_ERROR' }))).toEqual({
      kind: 'lost',
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    expect(failureOf(new Error('anything else'))).toEqual({ kind: 'lost', code: 'EPROTO' });
  });
});
