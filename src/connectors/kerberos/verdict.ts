// What a KDC's error says about the password, as data. Only a failed preauthentication is `rejected`; a code not listed says nothing.
import type { ProbeVerdict } from '../../domain/verdict.ts';

/** RFC 4120 section 7.5.9. MIT judges 1, 18, 21 and 23 before the password, Active Directory 23 after it: either way the account is not usable. */
export const kdcErrors: Readonly<Record<number, { readonly verdict: ProbeVerdict; readonly why: string }>> = {
  1: { verdict: 'blocked', why: 'the account has expired' },
  6: { verdict: 'indeterminate', why: 'no such principal: a wrong name or realm, or a KDC that does not have it yet' },
  11: { verdict: 'indeterminate', why: 'our clock is more than a day behind that of the KDC' },
  12: { verdict: 'blocked', why: 'a policy of the KDC (logon hours, workstation, kind of login) forbids it' },
  14: { verdict: 'indeterminate', why: 'no AES key: this client does not speak RC4 or DES' },
  18: { verdict: 'blocked', why: 'disabled or locked' },
  21: { verdict: 'blocked', why: 'the account is not valid yet' },
  23: { verdict: 'blocked', why: 'the password has expired or must be changed' },
  24: { verdict: 'rejected', why: 'wrong password: the timestamp did not open with the key of the account' },
  29: { verdict: 'indeterminate', why: 'the KDC has no access to its database' },
  37: { verdict: 'indeterminate', why: 'our clock and that of the KDC are too far apart' },
  60: { verdict: 'indeterminate', why: 'the KDC met an error of its own' },
  68: { verdict: 'indeterminate', why: 'the account is in another realm' },
};

export const verdictOf = (code: number): ProbeVerdict => kdcErrors[code]?.verdict ?? 'indeterminate';

/** Active Directory says "expired" after it looked at the password, and 24 to a wrong one. MIT says it to the first request, which shows no password. */
export const isRight = ({ code, shown }: { readonly code: number; readonly shown: boolean }): boolean => code === 23 && shown;
