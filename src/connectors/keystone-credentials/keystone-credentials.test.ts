// What needs no server: the signature of a probe, the form of a sealed value, the rights of a new credential, which 404 means a deleted
// key.
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { pairOf, saysAbsent, signedRequest } from './ec2.ts';
import { holderOf, idOf } from './holder.ts';
import { modelOf } from './model.ts';

test('the signature is that of AWS version 2 over the sorted, encoded parameters', () => {
  const signed = signedRequest('0123abcd', 'secret', new Date('2026-01-02T03:04:05.678Z'));
  const query = 'AWSAccessKeyId=0123abcd&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=2026-01-02T03%3A04%3A05Z';
  expect(signed.signature).toBe(createHmac('sha256', 'secret').update(`GET\nrekey-probe.invalid\n/\n${query}`).digest('base64'));
  expect(JSON.stringify(signed)).not.toContain('"secret"');
});

test('a value that is no pair is no pair: it is never half read', () => {
  expect(pairOf('{"id":"a","secret":"b"}', 'id')).toEqual({ id: 'a', secret: 'b' });
  expect(pairOf('{"access":"a","secret":"b"}', 'access')).toEqual({ id: 'a', secret: 'b' });
  for (const text of ['plain', '{', '{"id":"a"}', '{"id":"a","secret":""}', '{"id":1,"secret":"b"}'])
    expect(pairOf(text, 'id')).toBeUndefined();
});

test('an account is a user in a project, and nothing else is taken for one', () => {
  expect(holderOf({ system: 's', id: idOf({ user: 'u1', project: 'p1' }), name: 'x' })).toEqual({
    kind: 'done',
    value: { user: 'u1', project: 'p1' },
  });
  for (const id of ['u1', 'u1:', 'u1:p1:x', '../u:p']) expect(holderOf({ system: 's', id, name: 'x' }).kind).toBe('refused');
});

const there = (roles: string[], more: object = {}) => ({ roles: roles.map((id) => ({ id })), unrestricted: null, ...more });
test('a new credential may do what the others may; where they differ, or none is there, nothing is guessed', () => {
  expect(modelOf([there(['b', 'a']), there(['a', 'b'])], [])).toEqual({
    kind: 'done',
    value: { roles: [{ id: 'a' }, { id: 'b' }], unrestricted: false },
  });
  expect(modelOf([there(['a']), there(['a', 'b'])], [])).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
  expect(modelOf([there(['a']), there(['a', 'b'])], ['reader'])).toEqual({
    kind: 'done',
    value: { roles: [{ name: 'reader' }], unrestricted: false },
  });
  expect(modelOf([there(['a']), there(['a'], { unrestricted: true })], ['reader']).kind).toBe('refused');
  expect(modelOf([there(['a'], { access_rules: [{ id: 'r1', path: '/x' }] })], [])).toMatchObject({
    value: { access_rules: [{ id: 'r1' }] },
  });
  expect(modelOf([], ['reader'])).toEqual({ kind: 'done', value: { roles: [{ name: 'reader' }] } });
});

test('a deleted key is named in the words of either release; another 404 is not a rejection', () => {
  expect(saysAbsent.test('Could not find credential: 66344d88.')).toBe(true);
  expect(saysAbsent.test('EC2 access key not found.')).toBe(true);
  expect(saysAbsent.test('Could not find project: 66344d88.')).toBe(false);
  expect(saysAbsent.test('The requested URL was not found on the server.')).toBe(false);
});
