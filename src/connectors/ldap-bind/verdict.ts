// What the answer to a bind says about the password, as data: result code, Active Directory's own code in its text, the password-policy control.
import type { ProbeVerdict } from '../../domain/verdict.ts';
import type { Probed } from '../../kit/kit.ts';
import { type Answer, policyError } from '../../protocols/ldap/message.ts';

/** Active Directory answers 49 to everything and puts a Windows error into its text: `data 52e`. */
export const directoryCodes: Readonly<Record<string, { readonly verdict: ProbeVerdict; readonly why: string }>> = {
  '525': { verdict: 'indeterminate', why: 'no such user' },
  '52e': { verdict: 'rejected', why: 'wrong password (Samba: also an unknown user)' },
  '52f': { verdict: 'blocked', why: 'an account restriction' },
  '530': { verdict: 'blocked', why: 'not within logon hours' },
  '531': { verdict: 'blocked', why: 'not from this workstation' },
  '532': { verdict: 'blocked', why: 'the password has expired' },
  '533': { verdict: 'blocked', why: 'the account is disabled' },
  '701': { verdict: 'blocked', why: 'the account has expired' },
  '773': { verdict: 'blocked', why: 'right password, but it must be changed first' },
  '775': { verdict: 'blocked', why: 'the account is locked, whatever the password' },
};

/** draft-behera-ldap-password-policy: 0 expired, 1 locked, 2 must be changed. Any of them leaves the password unjudged or unusable. */
const blockingPolicyErrors: readonly number[] = [0, 1, 2];
/** Netscape's "password expired" control, of 389 Directory Server and its kin. */
const expiredControl = '2.16.840.1.113730.3.4.4';

/** 48, 32, 34, 51, 52 and the rest say nothing about the password. */
const byResult: Readonly<Record<number, ProbeVerdict>> = { 0: 'accepted', 49: 'rejected' };
/** How 389 Directory Server refuses an account locked by failed logins, and one that is inactivated: with the policy's word "locked". */
const lockedResults: ReadonlySet<number> = new Set([19, 53]);

/** The password was compared, and only its age stands in the way: a wrong one gets 52e. */
const mustChange: ReadonlySet<string> = new Set(['532', '773']);

export function verdictOf(answer: Pick<Answer, 'code' | 'message' | 'controls'>): Probed {
  const windows = answer.code === 49 ? windowsCode(answer.message) : undefined;
  if (windows !== undefined) {
    const verdict = directoryCodes[windows]?.verdict ?? 'indeterminate';
    return { verdict, code: `49/${windows}`, ...(mustChange.has(windows) && { right: true }) };
  }
  const verdict = byResult[answer.code] ?? 'indeterminate';
  const error = policyError(answer);
  const code = error === undefined ? String(answer.code) : `${answer.code}/${error}`;
  if (verdict === 'indeterminate') return { verdict: lockedResults.has(answer.code) && error === 1 ? 'blocked' : verdict, code };
  // A bind that succeeds and says "change it first": the password is the right one, a wrong one is refused with 49.
  if (error !== undefined && blockingPolicyErrors.includes(error))
    return { verdict: 'blocked', code, ...(answer.code === 0 && error === 2 && { right: true }) };
  return answer.controls.has(expiredControl) ? { verdict: 'blocked', code: `${code}/expired` } : { verdict, code };
}

/** `80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data 52e, v2580` */
function windowsCode(message: string): string | undefined {
  return /\bAcceptSecurityContext error, data ([0-9a-f]{1,8})\b/i.exec(message)?.[1]?.toLowerCase();
}
