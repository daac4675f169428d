// From an answer of the API to an outcome. Only what the estate file, or HTTP itself, says is known; the rest may have happened.
import { done, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import { type Answer, isTlsCode, retryAfterMs } from '../../protocols/http/exchange.ts';
import type { Answers } from './call.ts';
import { classify, type faultWords, type Meaning, meaning, type Rule, type Seen, speaksOf } from './rules.ts';

/** HTTP's own words for "not looked at": the API did not touch the account. Any other 4xx means what the estate file says, or is unknown. */
const standard: Readonly<Record<number, (typeof faultWords)[number]>> = {
  401: 'auth',
  403: 'permission',
  404: 'not-found',
  405: 'unsupported',
};
/** Where the API asks to wait and does not say how long. */
const defaultWaitMs = 1000;

export function seenOf(answer: Extract<Answer, { kind: 'answered' }>): Seen {
  const { link } = answer.headers;
  return { status: answer.status, json: jsonOf(answer.body), link: typeof link === 'string' ? link : undefined };
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined; // No JSON: rules over the status still hold.
  }
}

/** A call that changes something. The message names statuses and codes only: a body may repeat what it was sent. */
export function written(answer: Answer, rules: Answers, now: Date): Outcome<Seen> {
  if (answer.kind !== 'answered') return unanswered(answer);
  const seen = seenOf(answer);
  const target = String(answer.status);
  const described: Meaning<'done' | 'throttled' | (typeof faultWords)[number]>[] = [
    ...meaning(rules.done, 'done'),
    ...meaning(rules.throttled, 'throttled'),
    ...(rules.refused ?? []).map(({ as, ...rule }) => ({ rule: rule as Rule, means: as })), // the rest of a refusal is a rule
  ];
  const found = classify(described, seen);
  if (found === 'done') return done(seen);
  if (found === 'throttled')
    return refused('throttled', 'the API asks to wait', { target, retryAfterMs: retryAfterMs(answer.headers, now) ?? defaultWaitMs });
  // HTTP's own meaning stands only where the estate file has none: rules that disagree leave it open.
  const word = found ?? (speaksOf(described, seen) ? undefined : standard[answer.status]);
  if (word !== undefined) return refused(word, `the API refused with status ${target}`, { target });
  return indeterminate('protocol', `status ${target} is not among the answers that the estate file describes`, { target });
}

/** A call that only reads: what fails changed nothing. */
export function readAnswer(answer: Answer, now: Date): Outcome<Seen> {
  if (answer.kind !== 'answered') {
    const { fault } = unanswered(answer);
    return { kind: 'refused', fault };
  }
  const target = String(answer.status);
  if (answer.status === 429)
    return refused('throttled', 'the API asks to wait', { target, retryAfterMs: retryAfterMs(answer.headers, now) ?? defaultWaitMs });
  const word = standard[answer.status];
  if (word !== undefined) return refused(word, `the API refused with status ${target}`, { target });
  const seen = seenOf(answer);
  if (answer.status < 200 || answer.status > 299 || seen.json === undefined)
    return refused(
      answer.status > 499 ? 'unreachable' : 'protocol',
      `status ${target} ${answer.status > 299 ? 'is no answer to a reading call' : 'without JSON'}`,
      { target },
    );
  return done(seen);
}

/** A done answer without what the estate file points at. */
export const lacks = (what: string): Outcome<never> => indeterminate('protocol', `the answer holds no ${what} where the estate file says`);

function unanswered(answer: Exclude<Answer, { kind: 'answered' }>): Extract<Outcome<never>, { kind: 'refused' | 'indeterminate' }> {
  const what = isTlsCode(answer.code) ? `no verified TLS connection (${answer.code})` : answer.code;
  return answer.kind === 'not-sent'
    ? { kind: 'refused', fault: { code: 'unreachable', message: `nothing was sent: ${what}`, target: answer.code } }
    : { kind: 'indeterminate', fault: { code: 'unreachable', message: `no answer came: ${what}`, target: answer.code } };
}
