// The tables from bind answers to verdicts code by code, the policy control, and how a bind name is made.
import { expect, test } from 'vitest';
import { oids } from '../../protocols/ldap/message.ts';
import { bindName, config } from './config.ts';
import { directoryCodes, verdictOf } from './verdict.ts';

const answer = (code: number, message = '', controls = new Map<string, Buffer>()) => verdictOf({ code, message, controls });
const windows = (data: string) => answer(49, `80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data ${data}, v4563`);
/** PasswordPolicyResponseValue with an error: SEQUENCE { [1] ENUMERATED }. */
const policy = (error: number) => new Map([[oids.passwordPolicy, Buffer.from([0x30, 3, 0x81, 1, error])]]);

for (const [data, verdict] of [
  ['525', 'indeterminate'],
  ['52e', 'rejected'],
  ['52E', 'rejected'],
  ['52f', 'blocked'],
  ['530', 'blocked'],
  ['531', 'blocked'],
  ['532', 'blocked'],
  ['533', 'blocked'],
  ['568', 'indeterminate'],
  ['701', 'blocked'],
  ['773', 'blocked'],
  ['775', 'blocked'],
] as const)
  test(`Active Directory's ${data} is ${verdict}`, () =>
    expect(windows(data)).toMatchObject({ verdict, code: `49/${data.toLowerCase()}` }));

for (const [code, error, verdict] of [
  [0, undefined, 'accepted'],
  [0, 0, 'blocked'],
  [0, 1, 'blocked'],
  [0, 2, 'blocked'],
  [49, undefined, 'rejected'],
  [49, 0, 'blocked'],
  [49, 1, 'blocked'],
  [49, 2, 'blocked'],
  [19, 1, 'blocked'],
  [53, undefined, 'indeterminate'],
] as const)
  test(`result ${code} with policy error ${error ?? 'none'} is ${verdict}`, () => {
    expect(answer(code, '', error === undefined ? new Map() : policy(error)).verdict).toBe(verdict);
  });

test('what must be changed first is told to be right, and nothing else: a lock or a disabled account is not', () => {
  expect(Object.keys(directoryCodes).filter((data) => windows(data).right)).toEqual(['532', '773']);
  const said = [0, 49].flatMap((code) => [0, 1, 2].filter((error) => answer(code, '', policy(error)).right).map((error) => [code, error]));
  expect(said).toEqual([[0, 2]]);
});

test('of all result codes only 49 is a rejection and only 0 an acceptance', () => {
  const all = Array.from({ length: 200 }, (_, code) => [code, answer(code).verdict] as const);
  expect(all.filter(([, verdict]) => verdict !== 'indeterminate')).toEqual([
    [0, 'accepted'],
    [49, 'rejected'],
  ]);
});

test("389 Directory Server refuses locked and inactivated accounts with 19 and 53, and says so only with the policy's word", () => {
  expect([19, 53].map((code) => [answer(code).verdict, answer(code, '', policy(1)).verdict, answer(code, '', policy(8)).verdict])).toEqual([
    ['indeterminate', 'blocked', 'indeterminate'],
    ['indeterminate', 'blocked', 'indeterminate'],
  ]);
});

test('the "password expired" control of 389 Directory Server blocks', () => {
  const controls = new Map([['2.16.840.1.113730.3.4.4', Buffer.from('0')]]);
  expect([answer(49, '', controls).verdict, answer(0, '', controls).verdict]).toEqual(['blocked', 'blocked']);
});

test('a text that only mentions a code is not a code', () => {
  expect(answer(49, 'invalid data 773').code).toBe('49');
});

test('a bind name is escaped where it stands in a DN, and nowhere else', () => {
  const account = { system: 'lab', id: '1', name: 'Bob, x=y', login: 'bob', locator: 'cn=Bob\\, x\\=y,dc=lab' };
  expect(bindName('{locator}', account)).toBe(account.locator);
  expect(bindName('cn={name},dc=lab', account)).toBe('cn=Bob\\, x\\=y,dc=lab');
  expect(bindName('{login}@lab.test', account)).toBe('bob@lab.test');
  expect(bindName('LAB\\{login}', account)).toBe('LAB\\bob');
});

test('a password never goes in the clear to another machine unless the file says so', () => {
  expect(() => config.parse({ servers: ['ldap://ldap.lab.test'] })).toThrow(/servers/);
  for (const more of [{ startTls: true }, { insecure: true }]) config.parse({ servers: ['ldap://ldap.lab.test'], ...more });
  expect(config.parse({ servers: ['ldaps://ldap.lab.test', 'ldap://127.0.0.1:389'] }).user).toBe('{locator}');
});
