// The table from IMAP answers to verdicts, code by code; what is not in it is never a rejection.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meanings, statusOf, verdictOf } from './answer.ts';

const say = (line: string, texts: readonly string[] = []): string => {
  const status = statusOf(line);
  if (status === undefined) return 'none';
  const { verdict, code, retryAfterMs } = verdictOf(status, texts);
  return `${verdict} ${code}${retryAfterMs === undefined ? '' : ` ${retryAfterMs}`}`;
};

test.each([
  ['OK [CAPABILITY IMAP4rev1 IDLE] Logged in', 'accepted OK'],
  ['OK', 'accepted OK'],
  ['ok logged in', 'accepted OK'],
  ['NO [AUTHENTICATIONFAILED] Authentication failed.', 'rejected AUTHENTICATIONFAILED'],
  ['no [authenticationfailed] x', 'rejected AUTHENTICATIONFAILED'],
  ['NO [AUTHORIZATIONFAILED] x', 'blocked AUTHORIZATIONFAILED'],
  ['NO [EXPIRED] x', 'blocked EXPIRED'],
  ['NO [UNAVAILABLE] x', 'indeterminate UNAVAILABLE 2000'],
  ['NO [INUSE] x', 'indeterminate INUSE 2000'],
  ['NO [PRIVACYREQUIRED] x', 'indeterminate PRIVACYREQUIRED'],
  ['NO [LIMIT] x', 'indeterminate LIMIT'],
  ['NO [LIMIT] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=1)', 'blocked LIMIT'],
  ['NO [CONTACTADMIN] x', 'indeterminate CONTACTADMIN'],
  ['NO [CONTACTADMIN] Login disabled for this user', 'blocked CONTACTADMIN'],
  ['NO [ALERT] Account locked', 'indeterminate ALERT'],
  ['NO Login failed.', 'indeterminate NO'],
  ['NO', 'indeterminate NO'],
  ['BAD [AUTHENTICATIONFAILED] x', 'indeterminate AUTHENTICATIONFAILED'],
  ['BYE [AUTHENTICATIONFAILED] x', 'indeterminate AUTHENTICATIONFAILED'],
  ['PREAUTH hello', 'indeterminate PREAUTH'],
  ['OKAY', 'none'],
  ['', 'none'],
])('%s → %s', (line, result) => expect(say(line)).toBe(result));

test('words that stand for a wrong password are compared whole, and only without a code', () => {
  expect(say('NO LOGIN failed.', ['login FAILED.'])).toBe('rejected NO');
  expect(say('NO LOGIN failed', ['LOGIN failed.'])).toBe('indeterminate NO');
  expect(say('NO [UNAVAILABLE] LOGIN failed.', ['LOGIN failed.'])).toBe('indeterminate UNAVAILABLE 2000');
  expect(say('OK LOGIN failed.', ['LOGIN failed.'])).toBe('accepted OK');
});

test('whatever a server says, only OK accepts and only its own code rejects', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('NO', 'BAD', 'BYE', 'PREAUTH'), fc.string(), (code, status, text) => {
      const line = `${status} [${code}] ${text}`;
      const answer = statusOf(line);
      if (answer === undefined) return;
      const { verdict } = verdictOf(answer, []);
      expect(verdict).not.toBe('accepted');
      if (verdict === 'rejected') expect(answer.code).toBe('AUTHENTICATIONFAILED');
    }),
  );
  expect(meanings.filter(({ verdict }) => verdict === 'rejected')).toHaveLength(1);
});
