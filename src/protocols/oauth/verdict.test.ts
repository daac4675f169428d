// The table from OAuth errors to verdicts, error by error, and how a client shows its secret.
import { expect, test } from 'vitest';
import { secretOf } from '../../seal/secret.ts';
import type { Reply } from '../http/call.ts';
import { shown } from './client.ts';
import { gaveToken, type Proved, verdictOf } from './verdict.ts';

const reply = (status: number, body: unknown): Reply => ({
  kind: 'answered',
  status,
  body,
  header: () => undefined,
  date: undefined,
  retryAfterMs: undefined,
});

const rows: readonly (readonly [Proved, number, string, string, string])[] = [
  ['user', 400, 'invalid_grant', '', 'rejected'],
  ['user', 401, 'invalid_grant', 'Invalid user credentials', 'rejected'],
  ['user', 400, 'invalid_grant', 'Account disabled', 'blocked'],
  ['user', 400, 'invalid_grant', 'Account is not fully set up', 'blocked'],
  ['user', 400, 'invalid_grant', 'The account is temporarily locked', 'blocked'],
  ['user', 400, 'invalid_grant', 'AADSTS50126: Error validating credentials due to invalid username or password.', 'rejected'],
  ['user', 400, 'invalid_grant', 'AADSTS50053: The account is locked', 'blocked'],
  ['user', 400, 'invalid_grant', 'AADSTS50055: The password is expired.', 'blocked'],
  ['user', 400, 'invalid_grant', 'AADSTS50076: use multi-factor authentication', 'blocked'],
  ['user', 403, 'mfa_required', '', 'blocked'],
  ['user', 401, 'invalid_client', '', 'indeterminate'],
  ['user', 400, 'unauthorized_client', '', 'indeterminate'],
  ['user', 400, 'invalid_scope', '', 'indeterminate'],
  ['user', 400, 'unsupported_grant_type', '', 'indeterminate'],
  ['user', 400, 'server_error', '', 'indeterminate'],
  ['client', 401, 'invalid_client', '', 'rejected'],
  ['client', 400, 'invalid_client', 'client is disabled', 'blocked'],
  ['client', 400, 'unauthorized_client', '', 'blocked'],
  ['client', 400, 'invalid_grant', '', 'indeterminate'],
  ['client', 500, 'invalid_client', '', 'indeterminate'],
];
test.each(rows)('%s: %i %s "%s" is %s', (proved, status, error, error_description, verdict) => {
  expect(verdictOf(reply(status, { error, error_description }), proved, gaveToken).verdict).toBe(verdict);
});

test('a 200 without a token, a page instead of JSON, and silence say nothing', () => {
  expect(verdictOf(reply(200, { access_token: 'x' }), 'user', gaveToken)).toEqual({ verdict: 'accepted', code: '200' });
  expect(verdictOf(reply(200, { login: 'again' }), 'user', gaveToken).verdict).toBe('indeterminate');
  expect(verdictOf(reply(401, undefined), 'user', gaveToken)).toEqual({ verdict: 'indeterminate', code: '401' });
  expect(verdictOf({ kind: 'not-sent', code: 'ECONNREFUSED' }, 'user', gaveToken)).toEqual({
    verdict: 'indeterminate',
    code: 'ECONNREFUSED',
  });
  expect(verdictOf(reply(429, {}), 'user', gaveToken)).toEqual({ verdict: 'indeterminate', code: '429', retryAfterMs: 1000 });
});

test('an error that is a sentence does not become a code', () => {
  expect(verdictOf(reply(400, { error: 'the password hunter2 is wrong' }), 'user', gaveToken).code).toBe('unknown-error');
});

// RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
test('a secret with a colon, a plus or a percent sign is shown so that the server reads it back', () => {
  const secret = secretOf('s', 'a:b+c%d e');
  const { headers } = shown({ id: 'my client', secret, auth: 'client_secret_basic' });
  const [, encoded = ''] = (headers.authorization ?? '').split(' ');
  expect(Buffer.from(encoded, 'base64').toString()).toBe('my+client:a%3Ab%2Bc%25d+e');
  expect(shown({ id: 'c', secret, auth: 'client_secret_post' })).toEqual({
    headers: {},
    form: { client_id: 'c', client_secret: 'a:b+c%d e' },
  });
  expect(shown({ id: 'c', secret: undefined, auth: 'client_secret_basic' })).toEqual({ headers: {}, form: { client_id: 'c' } });
});
