// Who is a person, who a service, and which objects are never reset here: the rules by example.
import { expect, test } from 'vitest';
import type { Entry } from '../../protocols/ldap/message.ts';
import { isPrivileged, scoreOf } from './classify.ts';
import { byHandOf, principalOf, principals } from './principal.ts';

const entry = (values: Record<string, string | readonly string[]>, dn = 'CN=x,OU=Staff,DC=lab,DC=test'): Entry => ({
  dn,
  values: new Map(Object.entries(values).map(([type, value]) => [type.toLowerCase(), [value].flat().map((each) => Buffer.from(each))])),
});
const kind = (values: Record<string, string | readonly string[]>, flags = 0x200, dn?: string) =>
  scoreOf(entry(values, dn), 'user', flags).kind;

test('a person has mail, a manager, an employee id', () => {
  expect(kind({ sAMAccountName: 'alice', mail: 'a@x', givenName: 'A', sn: 'B' })).toBe('human');
  expect(kind({ sAMAccountName: 'alice' })).toBe('human');
  expect(kind({ sAMAccountName: 'app-owner', employeeID: '17', mail: 'a@x', manager: 'CN=y' })).toBe('human');
});

test('a service has a service name, a password for ever, a telling name or place', () => {
  expect(kind({ sAMAccountName: 'web', servicePrincipalName: 'HTTP/web' })).toBe('service');
  expect(kind({ sAMAccountName: 'svc-web' })).toBe('service');
  expect(kind({ sAMAccountName: 'web' }, 0x10200)).toBe('service');
  expect(kind({ sAMAccountName: 'web', userWorkstations: 'srv1' }, 0x200, 'CN=web,OU=Service Accounts,DC=lab,DC=test')).toBe('service');
});

test('between the two nobody is guessed into either, and the reasons are kept', () => {
  const scored = scoreOf(entry({ sAMAccountName: 'svc-web', mail: 'a@x' }, 'CN=svc-web,OU=Service Accounts,DC=lab,DC=test'), 'user', 0x200);
  expect(scored).toEqual({ kind: 'service', score: 3, reasons: ['name +2', 'place +2', 'mail -1'] });
  expect(kind({ sAMAccountName: 'web', mail: 'a@x', servicePrincipalName: 'HTTP/web' })).toBe('unknown');
});

test('protected accounts and members of privileged groups are privileged', () => {
  expect(isPrivileged(entry({ adminCount: '1' }))).toBe(true);
  expect(isPrivileged(entry({ memberOf: 'CN=Domain Admins,CN=Users,DC=lab,DC=test' }))).toBe(true);
  expect(isPrivileged(entry({ primaryGroupID: '516' }))).toBe(true);
  expect(isPrivileged(entry({ memberOf: 'CN=Domain Admins of the club,OU=x,DC=lab,DC=test', primaryGroupID: '513' }))).toBe(false);
});

const user = { classes: ['user'], name: 'x', rid: 1200, flags: 0x200 };
test.each([
  ['user', user],
  ['smartcard-only', { ...user, flags: 0x40200 }],
  ['krbtgt', { ...user, name: 'krbtgt', rid: 502 }],
  ['rodc-krbtgt', { ...user, name: 'krbtgt_12345' }],
  ['cloud-kerberos', { ...user, name: 'krbtgt_AzureAD' }],
  ['seamless-sso', { ...user, classes: ['user', 'computer'], name: 'AZUREADSSOACC$', flags: 0x1000 }],
  ['computer', { ...user, classes: ['user', 'computer'], name: 'WS1$', flags: 0x1000 }],
  ['domain-controller', { ...user, classes: ['user', 'computer'], name: 'DC1$', flags: 0x82000 }],
  ['read-only-controller', { ...user, classes: ['user', 'computer'], name: 'RODC1$', flags: 0x5001000 }],
  ['trust-account', { ...user, name: 'OTHER$', flags: 0x820 }],
  ['trust', { ...user, classes: ['top', 'trustedDomain'], name: 'other.test' }],
  ['gmsa', { ...user, classes: ['user', 'computer', 'msDS-GroupManagedServiceAccount'], name: 'g$', flags: 0x1000 }],
  ['smsa', { ...user, classes: ['user', 'computer', 'msDS-ManagedServiceAccount'], name: 's$', flags: 0x1000 }],
  ['dmsa', { ...user, classes: ['user', 'computer', 'msDS-DelegatedManagedServiceAccount'], name: 'd$', flags: 0x1000 }],
  ['entra-connect', { ...user, name: 'MSOL_0123456789ab' }],
] as const)('%s is told from the rest', (principal, seen) => {
  expect(principalOf(seen)).toBe(principal);
});

test('whatever is not reset here says what to do instead; only users and the sync account are', () => {
  const resettable = (Object.keys(principals) as (keyof typeof principals)[]).filter((each) => byHandOf(each, 'x') === undefined);
  expect(resettable.sort()).toEqual(['entra-connect', 'user']);
});
