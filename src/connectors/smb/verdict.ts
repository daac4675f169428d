// What the end of a logon says about the password, as data. Only STATUS_LOGON_FAILURE of the session setup is `rejected`.
import type { ProbeVerdict } from '../../domain/verdict.ts';
import type { Probed } from '../../kit/kit.ts';
import type { Ran } from '../../protocols/smb/smbclient.ts';

export const sessionStatus: Readonly<Record<string, { readonly verdict: ProbeVerdict; readonly why: string }>> = {
  LOGON_FAILURE: { verdict: 'rejected', why: 'wrong password; also an unknown user: the accepted new one tells those apart' },
  PASSWORD_MUST_CHANGE: { verdict: 'blocked', why: 'right password, but it must be changed first' },
  PASSWORD_EXPIRED: { verdict: 'blocked', why: 'the password has expired' },
  ACCOUNT_DISABLED: { verdict: 'blocked', why: 'the account is disabled' },
  ACCOUNT_LOCKED_OUT: { verdict: 'blocked', why: 'the account is locked, whatever the password' },
  ACCOUNT_EXPIRED: { verdict: 'blocked', why: 'the account has expired' },
  ACCOUNT_RESTRICTION: { verdict: 'blocked', why: 'a restriction of the account, such as Protected Users' },
  INVALID_LOGON_HOURS: { verdict: 'blocked', why: 'not within logon hours' },
  INVALID_WORKSTATION: { verdict: 'blocked', why: 'not from this workstation' },
  LOGON_TYPE_NOT_GRANTED: { verdict: 'blocked', why: 'no right to log on over the network' },
};

/** The password was compared, and only its age stands in the way: a wrong one gets LOGON_FAILURE. */
const mustChange: ReadonlySet<string> = new Set(['PASSWORD_MUST_CHANGE', 'PASSWORD_EXPIRED']);

/** Ours, where the program could not be used. */
export const toolMissing = 'smbclient-not-installed';

export function verdictOf(ran: Ran): Probed {
  if (ran.kind === 'failed') return { verdict: 'indeterminate', code: ran.code === 'ENOENT' ? toolMissing : ran.code };
  if (ran.status === 0) return { verdict: 'accepted', code: 'NT_STATUS_OK' };
  const session = /^session setup failed: NT_STATUS_([A-Z0-9_]+)$/m.exec(ran.output)?.[1];
  if (session !== undefined) {
    const verdict = sessionStatus[session]?.verdict ?? 'indeterminate';
    return { verdict, code: `NT_STATUS_${session}`, ...(mustChange.has(session) && { right: true }) };
  }
  return { verdict: 'indeterminate', code: /\bNT_STATUS_[A-Z0-9_]+/.exec(ran.output)?.[0] ?? `smbclient-exit-${ran.status}` };
}
