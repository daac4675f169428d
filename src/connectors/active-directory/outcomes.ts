// What a domain controller's answers mean, as data: result code → outcome of a write, sub-code of a bind → verdict. Unknown is never "no".
import type { ProbeVerdict } from '../../domain/verdict.ts';
import type { Fault, FaultCode, Outcome, Probed } from '../../kit/kit.ts';
import type { Answer } from '../../protocols/ldap/message.ts';
import { cleanText } from '../../protocols/ldap/search.ts';

type Row = { readonly kind: 'refused' | 'indeterminate'; readonly fault: FaultCode; readonly means: string };
const no = (fault: FaultCode, means: string): Row => ({ kind: 'refused', fault, means });
const maybe = (fault: FaultCode, means: string): Row => ({ kind: 'indeterminate', fault, means });

/** A write is one transaction: a code that names a reason means nothing was changed. Codes of a server in trouble leave it open. */
export const writeCodes: Readonly<Record<number, Row>> = {
  1: maybe('protocol', 'the controller met an internal error'),
  2: no('unsupported', 'the controller does not know this operation'),
  3: maybe('throttled', 'the controller ran out of time'),
  8: no('permission', 'the controller wants a stronger login or TLS for this'),
  10: no('unsupported', 'this is a read-only domain controller: give a writable one'),
  11: no('throttled', 'an administrative limit of the controller was reached'),
  12: no('unsupported', 'the controller does not know a control this needs'),
  13: no('permission', 'the controller takes passwords over TLS only'),
  16: no('conflict', 'the entry has no such value any more'),
  17: no('unsupported', 'the controller does not know the attribute'),
  18: no('unsupported', 'the attribute cannot be compared'),
  19: no('policy', 'the password policy refused the value'),
  20: no('conflict', 'the entry has that value already'),
  21: no('policy', 'the controller cannot store this value'),
  32: no('not-found', 'there is no such entry'),
  34: no('not-found', 'the name is not valid for this controller'),
  48: no('auth', "Rekey's own login was refused"),
  49: no('auth', "Rekey's own login was refused"),
  50: no('permission', "Rekey's account may not do this"),
  51: maybe('throttled', 'the controller is busy'),
  52: maybe('unreachable', 'the controller is shutting down or unavailable'),
  53: no('policy', 'the controller is unwilling to do this'),
  65: no('conflict', 'the object class of the entry does not allow it'),
  71: no('unsupported', 'the entry lives on another server'),
  80: maybe('protocol', 'the controller met an error of its own'),
};

/** Windows error numbers that begin the text of an answer (`0000052D: …`). They say more than the LDAP code, and win over it. */
export const windowsErrors: Readonly<Record<string, Row>> = {
  '00000005': no('permission', "Rekey's account may not do this"),
  '0000001F': no('unsupported', 'the controller did not take the value as a password: it wants TLS'),
  '0000052D': no('policy', 'length, complexity, a password filter or the minimum age refused the value'),
  '000004DC': no('auth', 'the controller does not count this connection as logged in'),
  '00002098': no('permission', "Rekey's account lacks the right for this"),
};

function rowOf(answer: Pick<Answer, 'code' | 'message'>): Row {
  const number = /^([0-9A-Fa-f]{8}):/.exec(answer.message)?.[1]?.toUpperCase();
  const byNumber = number === undefined ? undefined : windowsErrors[number];
  // A server in trouble may name a reason too: only a code that itself means "not done" is made more exact.
  const row = writeCodes[answer.code] ?? maybe('protocol', 'an answer this connector does not know');
  return byNumber !== undefined && (row.kind === 'refused' || number === '000004DC') ? byNumber : row;
}

function faultOf(answer: Pick<Answer, 'code' | 'message'>): Fault {
  const row = rowOf(answer);
  const detail = cleanText(answer.message);
  return {
    code: row.fault,
    message: `LDAP ${answer.code}: ${row.means}${detail === '' ? '' : ` (${detail})`}.`,
    target: String(answer.code),
  };
}

/** The outcome of a write that was answered with anything but success. */
export const writeOutcome = (answer: Pick<Answer, 'code' | 'message'>): Outcome<never> => ({
  kind: rowOf(answer).kind,
  fault: faultOf(answer),
});
/** Reads change nothing: whatever went wrong, the target is as it was. */
export const readOutcome = (answer: Pick<Answer, 'code' | 'message'>): Outcome<never> => ({ kind: 'refused', fault: faultOf(answer) });

/**
 * Sub-code of result 49 (`data 52e`) → verdict. Only 52e is the credential error; on Samba an unknown name gives it too. 532, 533 and 773 come with the
 * right password alone. 775 (locked) comes with any password, and 525, 530, 531, 701 before or after the password was looked at: none of them tells.
 */
export const bindVerdicts: Readonly<Record<string, ProbeVerdict>> = {
  '52e': 'rejected',
  '530': 'blocked',
  '531': 'blocked',
  '532': 'blocked',
  '533': 'blocked',
  '701': 'blocked',
  '773': 'blocked',
  '775': 'blocked',
};
/** With these the password was the right one. */
export const rightPassword: ReadonlySet<string> = new Set(['0', '49/532', '49/533', '49/773']);

/** With these it was the right one and nothing but its age stands in the way: expired, or to be changed at the next logon. A wrong one gets 52e. */
const mustChange: ReadonlySet<string> = new Set(['532', '773']);

export function bindVerdict({ code, message }: Pick<Answer, 'code' | 'message'>): Probed {
  if (code !== 49) return { verdict: code === 0 ? 'accepted' : 'indeterminate', code: String(code) };
  const data = /\bdata ([0-9a-f]+)\b/i.exec(message)?.[1]?.toLowerCase();
  if (data === undefined) return { verdict: 'indeterminate', code: '49' };
  return { verdict: bindVerdicts[data] ?? 'indeterminate', code: `49/${data}`, ...(mustChange.has(data) && { right: true }) };
}
