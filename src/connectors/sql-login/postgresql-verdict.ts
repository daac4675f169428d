// What PostgreSQL's answer to a login says about the secret, as data. Only a credential error after the password was looked at is `rejected`.
import type { ProbeVerdict } from '../../domain/verdict.ts';

/** `routines`: the server's own name of the place that answered; the same code means another thing before the password was looked at. */
type Meaning = { readonly code: string; readonly routines?: readonly string[]; readonly verdict: ProbeVerdict; readonly external?: true };

/** First match wins; everything else is indeterminate. `external` rows count only where the estate file says that passwords are checked elsewhere. */
export const loginMeanings: readonly Meaning[] = [
  { code: '28P01', verdict: 'rejected' },
  { code: '28000', routines: ['auth_failed'], verdict: 'rejected', external: true },
  // A role that may not log in, asked after the password.
  { code: '28000', routines: ['InitializeSessionUserId'], verdict: 'blocked' },
  { code: '3D000', routines: ['InitPostgres', 'CheckMyDatabase'], verdict: 'accepted' },
  { code: '42501', routines: ['CheckMyDatabase', 'InitPostgres'], verdict: 'accepted' },
  { code: '55000', routines: ['CheckMyDatabase'], verdict: 'accepted' },
  { code: '53300', routines: ['InitializeSessionUserId', 'CheckMyDatabase', 'InitPostgres'], verdict: 'accepted' },
];

export type Answered = {
  readonly code: string;
  readonly routine: string | undefined;
  /** Whether the server asked for the password: before it did, no answer is about one. */
  readonly asked: boolean;
  readonly external: boolean;
};

export function verdictOf({ code, routine, asked, external }: Answered): ProbeVerdict {
  if (!asked) return 'indeterminate';
  const known = loginMeanings.find(
    (each) =>
      each.code === code && (each.routines === undefined || each.routines.includes(routine ?? '')) && (each.external !== true || external),
  );
  return known?.verdict ?? 'indeterminate';
}
