// Every code a controller may answer with, and what it may be taken for.
import { expect, test } from 'vitest';
import { LinkError } from '../../protocols/ldap/link.ts';
import { lostOutcome } from '../../protocols/ldap/search.ts';
import { kinitVerdict } from './kerberos.ts';
import { bindVerdict, bindVerdicts, rightPassword, writeCodes, writeOutcome } from './outcomes.ts';

const ad = (data: string) => `80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data ${data}, v1db1`;

test.each([
  [49, ad('52e'), 'rejected', '49/52e'],
  [49, ad('530'), 'blocked', '49/530'],
  [49, ad('531'), 'blocked', '49/531'],
  [49, ad('532'), 'blocked', '49/532'],
  [49, ad('533'), 'blocked', '49/533'],
  [49, ad('701'), 'blocked', '49/701'],
  [49, ad('773'), 'blocked', '49/773'],
  [49, ad('775'), 'blocked', '49/775'],
  [49, ad('525'), 'indeterminate', '49/525'],
  [49, ad('80090346'), 'indeterminate', '49/80090346'],
  [49, '', 'indeterminate', '49'],
  [0, '', 'accepted', '0'],
  [8, 'BindSimple: Transport encryption required.', 'indeterminate', '8'],
  [51, '', 'indeterminate', '51'],
  [52, '', 'indeterminate', '52'],
  [80, '', 'indeterminate', '80'],
  [1, '', 'indeterminate', '1'],
] as const)('a bind answered %i %s is %s', (code, message, verdict, shown) => {
  expect(bindVerdict({ code, message })).toMatchObject({ verdict, code: shown });
});

test('must-change and expired alone say that a password is right: not disabled, not locked, not wrong', () => {
  const right = Object.keys(bindVerdicts).filter((data) => bindVerdict({ code: 49, message: ad(data) }).right);
  expect(right).toEqual(['532', '773']);
  expect(bindVerdict({ code: 0, message: '' }).right).toBeUndefined();
  for (const text of ['Password incorrect', 'Preauthentication failed', "Client's credentials have been revoked", 'Clock skew too great'])
    expect(kinitVerdict({ ok: false, text }).right).toBeUndefined();
  expect(kinitVerdict({ ok: false, text: 'Password has expired' })).toMatchObject({ verdict: 'blocked', right: true });
});

test('only the wrong password is rejected; must-change, expired and disabled mean the right one', () => {
  expect([...rightPassword].sort()).toEqual(['0', '49/532', '49/533', '49/773']);
});

test.each([
  [19, '0000052D: Constraint violation - check_password_restrictions: too short', 'refused', 'policy'],
  [53, '0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0', 'refused', 'policy'],
  [53, '0000001F: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0', 'refused', 'unsupported'],
  [53, '', 'refused', 'policy'],
  [50, '00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0', 'refused', 'permission'],
  [50, '', 'refused', 'permission'],
  [1, '000004DC: LdapErr: DSID-0C090C78, comment: a successful bind must be completed', 'refused', 'auth'],
  [1, '00002020: Operation unavailable', 'indeterminate', 'protocol'],
  [10, '0000202B: RefErr: DSID-03100781', 'refused', 'unsupported'],
  [16, '', 'refused', 'conflict'],
  [32, '', 'refused', 'not-found'],
  [51, '', 'indeterminate', 'throttled'],
  [52, '0000052D: a server in trouble', 'indeterminate', 'unreachable'],
  [80, '', 'indeterminate', 'protocol'],
  [123, '', 'indeterminate', 'protocol'],
] as const)('a write answered %i %s is %s (%s)', (code, message, kind, fault) => {
  expect(writeOutcome({ code, message })).toMatchObject({ kind, fault: { code: fault, target: String(code) } });
});

test('no code of a server in trouble is taken for "unchanged"', () => {
  for (const code of [1, 3, 51, 52, 80]) expect(writeCodes[code]?.kind).toBe('indeterminate');
});

test('a lost connection leaves a write open only when bytes of it may have been seen', () => {
  expect(lostOutcome(new LinkError('exchange', 'ECONNRESET', true), 'dc')).toMatchObject({ kind: 'indeterminate' });
  expect(lostOutcome(new LinkError('exchange', 'ECLOSED', false), 'dc')).toMatchObject({ kind: 'refused', fault: { code: 'unreachable' } });
  expect(lostOutcome(new LinkError('bind', '49', false, ad('52e')), 'dc')).toMatchObject({ kind: 'refused', fault: { code: 'auth' } });
  expect(() => lostOutcome(new Error('a bug'), 'dc')).toThrow('a bug');
});

test.each([
  ['kinit: Preauthentication failed while getting initial credentials', 'rejected', 'krb/24'],
  ['kinit: Password incorrect while getting initial credentials', 'rejected', 'krb/31'],
  ["kinit: Client's credentials have been revoked while getting initial credentials", 'blocked', 'krb/18'],
  ['kinit: Password has expired while getting initial credentials', 'blocked', 'krb/23'],
  ["kinit: Client 'x@LAB.TEST' not found in Kerberos database while getting initial credentials", 'indeterminate', 'krb/6'],
  ['kinit: Clock skew too great while getting initial credentials', 'indeterminate', 'krb/37'],
  ["kinit: Cannot contact any KDC for realm 'LAB.TEST' while getting initial credentials", 'indeterminate', 'krb/no-kdc'],
  ['kinit: something new', 'indeterminate', 'krb/unknown'],
] as const)('%s is %s', (text, verdict, code) => {
  expect(kinitVerdict({ ok: false, text })).toMatchObject({ verdict, code });
});
