// What needs no server: how a user of any service is read, and settings that would send the token in the clear.
import { expect, test } from 'vitest';
import { config } from './config.ts';
import { found } from './inventory.ts';
import { lockout } from './lockout.ts';

const settings = { loginAttribute: 'userName' as const, admins: ['Administrators'] };
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

test('a user is read with its owner, its memberships and its way to log in', () => {
  const user = {
    id: '2819c223',
    userName: 'bjensen',
    externalId: 'E1',
    userType: 'Employee',
    active: true,
    emails: [{ value: 'old@example.test' }, { value: 'b@example.test', primary: true }],
    groups: [{ value: 'g1', display: 'Administrators' }],
    [enterprise]: { manager: { value: '26118915', displayName: 'John Smith' }, department: 'Tours' },
    meta: { lastModified: '2026-01-01T00:00:00Z' },
  };
  expect(found(user, { ...settings, loginAttribute: 'emails' })).toEqual({
    id: '2819c223',
    name: 'bjensen',
    login: 'b@example.test',
    kind: 'human',
    enabled: true,
    privileged: true,
    owner: 'John Smith',
    facts: {
      email: 'b@example.test',
      externalId: 'E1',
      userType: 'Employee',
      department: 'Tours',
      lastModified: '2026-01-01T00:00:00Z',
      memberOf: ['Administrators', 'g1'],
    },
  });
});

test('a password that a service returns all the same goes nowhere', () => {
  expect(JSON.stringify(found({ id: '1', userName: 'x', password: 'shown-by-mistake' }, settings))).not.toContain('shown-by-mistake');
});

test.each([
  [{ active: false }, false],
  [{ active: true }, true],
  [{}, true],
])('active %j means enabled: %s', (more, enabled) => expect(found({ id: '1', userName: 'x', ...more }, settings)?.enabled).toBe(enabled));

test('something without id or name is no user', () => {
  expect(found({ id: '1' }, settings)).toBeUndefined();
  expect(found('text', settings)).toBeUndefined();
});

test('the token does not cross a network in the clear unless the estate file says so', () => {
  expect(() => config.parse({ url: 'http://app.example.test/scim', token: { env: 'X' } })).toThrow(/url/);
  expect(config.parse({ url: 'http://app.example.test/scim', token: { env: 'X' }, insecure: true }).insecure).toBe(true);
});

test.each([
  [undefined, { threshold: undefined, failures: undefined, resetsOnSuccess: false }],
  [{ attempts: 0 }, { threshold: 0, failures: 0, resetsOnSuccess: true }],
  [{ attempts: 5 }, { threshold: 5, failures: undefined, resetsOnSuccess: true }],
])('the lockout is what the estate file says of it, and unknown where it says nothing: %j', async (said, value) => {
  expect(await lockout({ lockout: said }).read({ system: 's', id: '1', name: 'x' }, { path: 'p', replica: 'r' })).toEqual({
    kind: 'done',
    value,
  });
});
