// What the answer of an OAuth endpoint says about the secret that was sent, as data. Only the error for exactly that secret is `rejected`.
import type { Probed, ProbeVerdict } from '../../kit/kit.ts';
import { type Reply, textAt } from '../http/call.ts';

/** Whose secret was sent: the user's (password grant), or the client's own (any endpoint that asks the client who it is). */
export type Proved = 'user' | 'client';

/** `says` narrows an error by its description: servers hide much behind invalid_grant. First match wins; the rest is indeterminate. */
type Meaning = {
  readonly proved: Proved;
  readonly error: string;
  readonly says?: RegExp;
  readonly verdict: ProbeVerdict;
  readonly why: string;
};

const unusable =
  /disabled|locked|suspend|inactive|not fully set ?up|expired|must be changed|verify|multi-?factor|\bmfa\b|interaction|required action/i;

export const tokenMeanings: readonly Meaning[] = [
  { proved: 'user', error: 'invalid_grant', says: /AADSTS50126/, verdict: 'rejected', why: 'Entra ID: wrong user name or password' },
  { proved: 'user', error: 'invalid_grant', says: /AADSTS\d+/, verdict: 'blocked', why: 'Entra ID: something else than the password' },
  { proved: 'user', error: 'invalid_grant', says: unusable, verdict: 'blocked', why: 'the account, not its password, stands in the way' },
  {
    proved: 'user',
    error: 'invalid_grant',
    verdict: 'rejected',
    why: "the resource owner's credentials are invalid (RFC 6749 section 5.2)",
  },
  { proved: 'user', error: 'mfa_required', verdict: 'blocked', why: 'the password passed, another factor is asked for' },
  { proved: 'user', error: 'interaction_required', verdict: 'blocked', why: 'the password passed, the server wants to see the person' },
  { proved: 'client', error: 'invalid_client', says: unusable, verdict: 'blocked', why: 'the client, not its secret, stands in the way' },
  { proved: 'client', error: 'invalid_client', verdict: 'rejected', why: 'client authentication failed (RFC 6749 section 5.2)' },
  {
    proved: 'client',
    error: 'unauthorized_client',
    verdict: 'blocked',
    why: 'the client may not use this grant: some servers say so before they look at the secret',
  },
];

/** A wrong client in a password grant says nothing about the password: it is Rekey's own client that was refused. */
export function verdictOf(reply: Reply, proved: Proved, success: (reply: Extract<Reply, { kind: 'answered' }>) => boolean): Probed {
  if (reply.kind !== 'answered') return { verdict: 'indeterminate', code: reply.code };
  const { status } = reply;
  if (status === 200) return success(reply) ? { verdict: 'accepted', code: '200' } : { verdict: 'indeterminate', code: '200-unknown' };
  if (status === 429 || status === 503) return { verdict: 'indeterminate', code: String(status), retryAfterMs: reply.retryAfterMs ?? 1000 };
  const error = textAt(reply.body, 'error');
  if ((status !== 400 && status !== 401 && status !== 403) || error === undefined)
    return { verdict: 'indeterminate', code: String(status) };
  const says = textAt(reply.body, 'error_description') ?? '';
  const known = tokenMeanings.find(
    (each) => each.proved === proved && each.error === error && (each.says === undefined || each.says.test(says)),
  );
  return { verdict: known?.verdict ?? 'indeterminate', code: codeOf(error) };
}

/** Error names are short tokens; a server that writes a sentence there gets no line in the log. */
const codeOf = (error: string): string => (/^[A-Za-z_.-]{1,40}$/.test(error) ? error : 'unknown-error');

export const gaveToken = (reply: Extract<Reply, { kind: 'answered' }>): boolean => textAt(reply.body, 'access_token') !== undefined;
