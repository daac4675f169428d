// The tables that turn the server's answers into outcomes and verdicts: nothing unknown is certain, nothing uncertain is a refused secret.
import { describe, expect, test } from 'vitest';
import { connectCodes, isConcurrentUpdate, outcomeOf, statementCodes } from './fault.ts';
import { codeOf } from './login.ts';
import { loginMeanings, verdictOf } from './verdict.ts';

describe('an answer to a change', () => {
  test('with a code of the table is refused, but never when the connection died with it', () => {
    for (const [code, { fault }] of Object.entries(statementCodes)) {
      expect(outcomeOf({ kind: 'failed', error: { code, severity: 'ERROR', message: '' } })).toMatchObject({
        kind: 'refused',
        fault: { code: fault, target: code },
      });
      expect(outcomeOf({ kind: 'failed', error: { code, severity: 'FATAL', message: '' } }).kind).toBe('indeterminate');
      expect(outcomeOf({ kind: 'lost', error: { code, message: '' } }).kind).toBe('indeterminate');
    }
  });

  test.each(['57P01', '57P02', '57P03', '08006', 'XX000', 'XX001', '40003', '99999'])('with %s says nothing certain', (code) => {
    expect(outcomeOf({ kind: 'failed', error: { code, severity: 'ERROR', message: '' } }).kind).toBe('indeterminate');
  });

  test('that was never sent is refused, whatever stopped it', () => {
    for (const code of [...Object.keys(connectCodes), 'ECONNREFUSED', 'ETIMEDOUT', 'ENOTFOUND', 'EWHATEVER'])
      expect(outcomeOf({ kind: 'unsent', error: { code, message: '' } }).kind).toBe('refused');
  });

  test("never repeats the server's text: it may quote the statement", () => {
    for (const kind of ['failed', 'lost', 'unsent'] as const)
      for (const code of ['22023', 'XX000', 'ECONNRESET'])
        expect(JSON.stringify(outcomeOf({ kind, error: { code, severity: 'ERROR', message: 'SCRAM-SHA-256$4096:abc' } }))).not.toContain(
          'SCRAM',
        );
  });

  test('is a concurrent update only by its own words: other internal errors are in doubt', () => {
    expect(isConcurrentUpdate({ code: 'XX000', message: 'tuple concurrently updated' })).toBe(true);
    expect(isConcurrentUpdate({ code: 'XX000', message: 'could not read block 0' })).toBe(false);
    expect(isConcurrentUpdate({ code: '40001', message: 'tuple concurrently updated' })).toBe(false);
  });
});

describe('an answer to a login', () => {
  test('rejects by the credential error alone', () => {
    expect(loginMeanings.filter(({ verdict }) => verdict === 'rejected').map(({ code }) => code)).toEqual(['28P01']);
  });

  test.each([
    ['28P01', 'auth_failed', 'rejected'],
    ['28000', 'InitializeSessionUserId', 'blocked'],
    ['28000', 'ClientAuthentication', 'indeterminate'],
    ['28000', 'auth_failed', 'indeterminate'],
    ['3D000', 'InitPostgres', 'accepted'],
    ['3D000', undefined, 'indeterminate'],
    ['53300', 'InitializeSessionUserId', 'accepted'],
    ['53300', 'InitProcess', 'indeterminate'],
    ['53300', 'ProcessStartupPacket', 'indeterminate'],
    ['42501', 'CheckMyDatabase', 'accepted'],
    ['57P03', 'ProcessStartupPacket', 'indeterminate'],
    ['08P01', undefined, 'indeterminate'],
    ['ECONNREFUSED', undefined, 'indeterminate'],
    ['ETIMEDOUT', undefined, 'indeterminate'],
    ['XXXXX', 'auth_failed', 'indeterminate'],
  ] as const)('%s from %s is %s', (code, routine, verdict) => {
    expect(verdictOf(code, routine)).toBe(verdict);
  });

  test('without a code of its own gets one that no table knows as a refusal', () => {
    for (const [message, code] of [
      ['timeout expired', 'ETIMEDOUT'],
      ['Connection terminated unexpectedly', 'ECONNRESET'],
      ['The server does not support SSL connections', 'ENOTLS'],
      ['SASL: SCRAM-SERVER-FINAL-MESSAGE: server signature does not match', 'ESASL'],
      ['anything else', 'EPROTO'],
    ] as const) {
      expect(codeOf(new Error(message))).toBe(code);
      expect(verdictOf(code, undefined)).toBe('indeterminate');
    }
  });
});
