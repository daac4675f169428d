// The table from etcd's errors to outcomes, code by code, and the refs. The rest is tested on the real server.
import { describe, expect, test } from 'vitest';
import { type Answered, outcomeOf } from '../../protocols/http/call.ts';
import { config } from './config.ts';
import { codes, meaningOf, needsNewToken } from './fault.ts';
import { badRef } from './store.ts';

const answered = (status: number, code: number | undefined, message = ''): Answered => ({
  kind: 'answered',
  status,
  header: () => undefined,
  body: code === undefined ? undefined : { error: message, message, code },
  date: undefined,
  retryAfterMs: undefined,
});
const of = (reply: Answered) => outcomeOf(reply, meaningOf(reply));

describe('an error of etcd', () => {
  test.each([
    [400, 3, 'etcdserver: authentication failed, invalid user ID or password', 'auth'],
    [400, 3, 'etcdserver: user name is empty', 'auth'],
    [400, 3, 'etcdserver: request is too large', 'policy'],
    [400, 3, 'etcdserver: key not found', 'not-found'],
    [400, 3, 'etcdserver: duplicate key given in txn request', 'protocol'],
    [403, 7, 'etcdserver: permission denied', 'permission'],
    [429, 8, 'etcdserver: too many requests', 'throttled'],
    [429, 8, 'grpc: trying to send message larger than max (4000000 vs. 2097152)', 'policy'],
    [429, 8, 'etcdserver: mvcc: database space exceeded', 'unreachable'],
    [401, 16, 'etcdserver: invalid auth token', 'auth'],
    [501, 12, 'unimplemented', 'unsupported'],
  ] as const)('%i with code %i "%s" is refused as %s', (status, code, message, fault) => {
    expect(of(answered(status, code, message))).toMatchObject({ kind: 'refused', fault: { code: fault } });
  });

  test.each([
    [503, 14, 'etcdserver: request timed out'],
    [503, 14, 'etcdserver: leader changed'],
    [504, 4, 'context deadline exceeded'],
    [500, 2, 'unknown'],
    [500, 13, 'internal'],
    [409, 10, 'aborted'],
    [502, undefined, ''],
  ] as const)('%i with code %s "%s" is in doubt', (status, code, message) => {
    expect(of(answered(status, code, message)).kind).toBe('indeterminate');
  });

  test('never says refused for a code that is not in the table', () => {
    for (let code = 0; code < 20; code++)
      expect(of(answered(500, code)).kind).toBe(codes[code] === undefined ? 'indeterminate' : 'refused');
  });

  test('asks for a new token only where the token is the reason', () => {
    expect(needsNewToken(answered(401, 16, 'etcdserver: invalid auth token'))).toBe(true);
    expect(needsNewToken(answered(400, 3, 'etcdserver: revision of auth store is old'))).toBe(true);
    expect(needsNewToken(answered(403, 7, 'etcdserver: permission denied'))).toBe(false);
  });
});

test.each([
  ['', 'names no key'],
  ['/apps/', 'ends with a slash'],
  ['/apps/a#b', 'has a # in it'],
  ['/other/a', 'does not start with /apps/'],
  ['/apps/a\nb', 'has a line break'],
])('the ref "%s" is refused with its reason', (ref, why) => {
  const bad = badRef(ref, '/apps/');
  expect(bad?.kind === 'refused' ? bad.fault : bad).toMatchObject({ code: 'unsupported', message: expect.stringContaining(why) });
});

test('the estate file cannot leave half a login, nor send one in the clear', () => {
  const issues = (more: object) =>
    config
      .safeParse({ endpoints: ['https://etcd.example.test:2379'], ...more })
      .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  expect(issues({})).toBeUndefined();
  expect(issues({ user: 'rekey' })).toEqual([expect.stringMatching(/^password: user and password/)]);
  expect(issues({ password: { env: 'P' } })).toEqual([expect.stringMatching(/^user: /)]);
  expect(issues({ endpoints: ['https://a:2379', 'http://b:2379'] })).toEqual([expect.stringMatching(/^endpoints\.1: http:/)]);
  expect(issues({ endpoints: ['http://b:2379'], insecure: true })).toBeUndefined();
  expect(issues({ endpoints: ['http://127.0.0.1:2379'] })).toBeUndefined();
});
