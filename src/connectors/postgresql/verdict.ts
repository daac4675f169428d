// What the server's answer to a login says about the secret, as data. Only a credential error after the password was looked at is `rejected`.
import type { ProbeVerdict } from '../../domain/verdict.ts';

/**
 * `routine` is the server's own name of the place that answered. The same code means another thing before the password check
 * ("sorry, too many clients", "no pg_hba.conf entry") and after it; a pooler sends no routine at all.
 */
type LoginMeaning = {
  readonly code: string;
  readonly routines?: readonly string[];
  readonly verdict: ProbeVerdict;
  readonly why: string;
};

/** First match wins; everything else is indeterminate. */
export const loginMeanings: readonly LoginMeaning[] = [
  {
    code: '28P01',
    verdict: 'rejected',
    why: 'wrong password; also an expired VALID UNTIL and a role that does not exist: `state` tells those',
  },
  {
    code: '28000',
    routines: ['InitializeSessionUserId'],
    verdict: 'blocked',
    why: 'right password (or none asked), but the role may not log in',
  },
  { code: '3D000', routines: ['InitPostgres', 'CheckMyDatabase'], verdict: 'accepted', why: 'right password; the database does not exist' },
  {
    code: '42501',
    routines: ['CheckMyDatabase', 'InitPostgres'],
    verdict: 'accepted',
    why: 'right password; no CONNECT right on the database',
  },
  { code: '55000', routines: ['CheckMyDatabase'], verdict: 'accepted', why: 'right password; the database takes no connections' },
  {
    code: '53300',
    routines: ['InitializeSessionUserId', 'CheckMyDatabase', 'InitPostgres'],
    verdict: 'accepted',
    why: 'right password; the connection limit of the role, the database or the server is reached',
  },
];

export function verdictOf(code: string, routine: string | undefined): ProbeVerdict {
  const known = loginMeanings.find((each) => each.code === code && (each.routines === undefined || each.routines.includes(routine ?? '')));
  return known?.verdict ?? 'indeterminate';
}
