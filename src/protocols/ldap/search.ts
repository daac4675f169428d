// One search, and what a lost connection means: shared by everything that reads a directory.
import { done, type FaultCode, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import { LinkError } from './link.ts';
import { type Answer, type Control, type Entry, type Search, searchRequest } from './message.ts';
import type { BoundPool } from './pool.ts';

/** A server's own words, fit for a message: no control characters, not without end. */
export const cleanText = (message: string): string =>
  message
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 200);

const stages = {
  reach: 'cannot be reached',
  tls: 'does not complete TLS',
  bind: "refuses Rekey's own login",
  exchange: 'did not answer',
} as const;

/** A connection that failed. Only a request that may have been seen leaves the outcome open. */
export function lostOutcome(error: unknown, server: string): Outcome<never> {
  if (!(error instanceof LinkError)) throw error;
  const message = `${server} ${stages[error.stage]} (${error.code}${error.message === error.code ? '' : `: ${cleanText(error.message)}`}).`;
  const fault: FaultCode = error.stage === 'bind' && /^(48|49|53|empty|no-password|must-change)$/.test(error.code) ? 'auth' : 'unreachable';
  return (error.sent ? indeterminate : refused)(fault, message, { target: error.code });
}

/** A base that does not exist is an empty answer, not a fault. `fault`: what any other answer but success means. */
export async function searchOn(
  { url, bound }: { readonly url: string; readonly bound: BoundPool },
  search: Search,
  controls: readonly Control[],
  fault: (answer: Answer) => Outcome<never>,
): Promise<Outcome<readonly Entry[]>> {
  let answer: Answer;
  try {
    const link = await bound.link();
    answer = await link.request(searchRequest(search), controls);
  } catch (error) {
    const lost = lostOutcome(error, url);
    return lost.kind === 'indeterminate' ? { kind: 'refused', fault: lost.fault } : lost;
  }
  if (answer.code === 0 || (answer.code === 4 && search.sizeLimit !== undefined)) return done(answer.entries);
  return answer.code === 32 ? done([]) : fault(answer);
}
