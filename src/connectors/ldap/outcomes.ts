// What a directory's answers mean, as data: result code → outcome of a write, result code → verdict of a bind. Unknown is never "no".
import type { ProbeVerdict } from '../../domain/verdict.ts';
import { type FaultCode, indeterminate, type Outcome, type Probed, refused } from '../../kit/kit.ts';
import { type Answer, policyError } from '../../protocols/ldap/message.ts';
import { cleanText } from '../../protocols/ldap/search.ts';

type Row = { readonly kind: 'refused' | 'indeterminate'; readonly fault: FaultCode; readonly means: string };
const no = (fault: FaultCode, means: string): Row => ({ kind: 'refused', fault, means });
const maybe = (fault: FaultCode, means: string): Row => ({ kind: 'indeterminate', fault, means });

/** A write is one transaction: a code that names a reason means nothing was changed. Codes of a server in trouble leave it open. */
export const writeCodes: Readonly<Record<number, Row>> = {
  1: maybe('protocol', 'the server met an internal error'),
  2: no('unsupported', 'the server does not know this operation'),
  3: maybe('throttled', 'the server ran out of time'),
  8: no('permission', 'the server wants a stronger login or TLS for this'),
  10: no('unsupported', 'this server is a read-only replica; give the url of the writable one'),
  11: no('throttled', 'an administrative limit of the server was reached'),
  12: no('unsupported', 'the server does not know a control this needs'),
  13: no('permission', 'the server takes passwords over TLS only'),
  16: no('conflict', 'the entry has no such value'),
  17: no('unsupported', 'the server does not know the attribute'),
  18: no('unsupported', 'the attribute cannot be compared'),
  19: no('policy', 'the password policy refused the value'),
  20: no('conflict', 'a second change fell into the same second as the last one'),
  21: no('policy', 'the server cannot store this value'),
  32: no('not-found', 'there is no such entry'),
  34: no('not-found', 'the name is not valid for this server'),
  48: no('auth', "Rekey's own login was refused"),
  49: no('auth', "Rekey's own login was refused"),
  50: no('permission', "Rekey's account may not do this"),
  51: maybe('throttled', 'the server is busy'),
  52: maybe('unreachable', 'the server is shutting down or unavailable'),
  53: no('policy', 'the server is unwilling to do this'),
  65: no('conflict', 'the object class of the entry does not allow it'),
  71: no('unsupported', 'the entry lives on another server'),
  80: maybe('protocol', 'the server met an error of its own'),
};

/** Error numbers of the password-policy response (draft-behera-ldap-password-policy section 6.2). */
export const policyErrors: Readonly<Record<number, string>> = {
  0: 'the password has expired',
  1: 'the account is locked',
  2: 'the password must be changed after a reset',
  3: 'the policy allows no change of this password',
  4: 'the policy wants the old password with a change',
  5: 'the password is not good enough for the policy',
  6: 'the password is too short for the policy',
  7: 'the password was changed too recently',
  8: 'the password is in the history',
};

/** The outcome of a write the server answered with anything but success. */
export function writeOutcome(answer: Answer): Outcome<never> {
  const row = writeCodes[answer.code] ?? maybe('protocol', 'an answer this connector does not know');
  const error = policyError(answer);
  const details = [error === undefined ? undefined : policyErrors[error], cleanText(answer.message) || undefined].filter(
    (part) => part !== undefined,
  );
  const message = `LDAP ${answer.code}: ${row.means}${details.length > 0 ? ` (${details.join('; ')})` : ''}.`;
  return (row.kind === 'refused' ? refused : indeterminate)(row.fault, message, { target: String(answer.code) });
}

/** Reads change nothing: whatever went wrong, the target is as it was. */
export function readOutcome(answer: Answer): Outcome<never> {
  if (answer.code === 4 || answer.code === 11) {
    const message = `LDAP ${answer.code}: the server cut the answer off. Raise the limits of the account Rekey binds with.`;
    return refused('permission', message, { target: String(answer.code) });
  }
  const { fault } = writeOutcome(answer) as Extract<Outcome<never>, { kind: 'refused' | 'indeterminate' }>;
  return { kind: 'refused', fault };
}

/**
 * Bind result code and password-policy error → verdict; `any` covers the code with every other error or none.
 * `rejected` is only the credential error. A locked account answers 49 whatever the secret, so its 49 proves nothing.
 * 19 (locked by failed logins) and 53 (inactivated) are how 389 Directory Server says that with the policy's word; 48 (entry without password), 32 and
 * the rest stay open.
 */
export const bindVerdicts: Readonly<
  Record<number, { readonly any: ProbeVerdict; readonly byPolicyError?: Readonly<Record<number, ProbeVerdict>> }>
> = {
  0: { any: 'accepted', byPolicyError: { 0: 'blocked', 1: 'blocked', 2: 'blocked' } },
  19: { any: 'indeterminate', byPolicyError: { 1: 'blocked' } },
  49: { any: 'rejected', byPolicyError: { 0: 'blocked', 1: 'blocked', 2: 'blocked' } },
  53: { any: 'indeterminate', byPolicyError: { 1: 'blocked' } },
};

export function bindVerdict(answer: Pick<Answer, 'code' | 'controls'>): Probed {
  const error = policyError(answer);
  const row = bindVerdicts[answer.code];
  const verdict = row === undefined ? 'indeterminate' : ((error === undefined ? undefined : row.byPolicyError?.[error]) ?? row.any);
  // A bind that succeeds and says "change it first" (2): the password is the right one, a wrong one is refused with 49.
  const right = answer.code === 0 && error === 2;
  return { verdict, code: error === undefined ? String(answer.code) : `${answer.code}/${error}`, ...(right && { right }) };
}
