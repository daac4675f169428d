// What each answer of the management API means for a call, as data. Only what certainly left the broker unchanged is `refused`; the rest is in doubt.
import { type FaultCode, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import { type Answer, loginFailed, noSecret } from './api.ts';

type Meaning = { readonly status: number; readonly reason?: string; readonly fault: FaultCode; readonly say: string };

/** First match wins. Statuses not listed are in doubt, all of 5xx among them. */
export const statusMeanings: readonly Meaning[] = [
  { status: 400, fault: 'protocol', say: 'the broker did not understand the request' },
  { status: 401, reason: loginFailed, fault: 'auth', say: 'the broker refused the password of the Rekey user' },
  { status: 401, fault: 'permission', say: 'the Rekey user may not do this: it needs the tag administrator' },
  { status: 403, fault: 'permission', say: 'the Rekey user may not do this: it needs the tag administrator' },
  { status: 404, fault: 'not-found', say: 'the broker knows nothing of this name' },
  { status: 405, fault: 'unsupported', say: 'the broker does not offer this' },
  { status: 429, fault: 'throttled', say: 'the broker asks to wait' },
];

export function outcomeOf(answer: Answer): Outcome<never> {
  if (answer.kind !== 'answered') {
    const { kind, code } = answer;
    if (kind === 'no-answer')
      return indeterminate('unreachable', `the connection was lost before the answer came (${code})`, { target: code });
    if (code === noSecret)
      return refused('auth', 'the password of the Rekey user cannot be read where config.password points', { target: code });
    return refused('unreachable', `no connection to the management API (${code})`, { target: code });
  }
  const target = String(answer.status);
  const known = statusMeanings.find(({ status, reason }) => status === answer.status && (reason === undefined || reason === answer.reason));
  if (known === undefined)
    return indeterminate('protocol', `the broker answered ${target}, which does not say whether the change was made`, { target });
  const wait = known.fault === 'throttled' ? { retryAfterMs: answer.retryAfterMs ?? 1000 } : {};
  return refused(known.fault, `${known.say} (${target})`, { target, ...wait });
}

export const isSuccess = (answer: Answer): answer is Extract<Answer, { kind: 'answered' }> =>
  answer.kind === 'answered' && answer.status >= 200 && answer.status < 300;
/** An answer whose form we do not know, to a question that changes nothing. */
export const oddAnswer = (): Outcome<never> =>
  indeterminate('protocol', 'the broker answered in a form Rekey does not know', { target: 'EPROTO' });
