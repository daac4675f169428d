// One call to a twin, from request to reply: the single place that turns a scripted fault into an outcome.
import { type AccountRef, done, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import type { FaultRule, Operation } from './config.ts';
import type { Truth } from './truth.ts';
import type { Wire } from './wire.ts';

export type Body<T> = (found: { readonly index: number; readonly now: number; readonly rule: FaultRule | undefined }) => Outcome<T>;

const lost = (): Outcome<never> => indeterminate('unreachable', 'the connection broke before the answer came', { target: 'ECONNRESET' });
const late = (): Outcome<never> => indeterminate('unreachable', 'no answer in time', { target: 'ETIMEDOUT' });

/** A call about one account. An account the twin does not have is refused as not-found. */
export async function callAccount<T>(wire: Wire, truth: Truth, op: Operation, account: AccountRef, body: Body<T>): Promise<Outcome<T>> {
  return call(wire, op, account, (rule) => {
    const index = truth.people.indexOf(account.id);
    if (index < 0) return refused('not-found', `no account ${account.id} here`, { target: '404' });
    return body({ index, now: wire.now(), rule });
  });
}

export async function call<T>(
  wire: Wire,
  op: Operation,
  account: AccountRef | undefined,
  body: (rule: FaultRule | undefined) => Outcome<T>,
): Promise<Outcome<T>> {
  const arrival = wire.arrive(op, account);
  if (arrival.kind === 'stopped') {
    const { code, message, target, retryAfterMs } = arrival;
    return refused(code, message, retryAfterMs === undefined ? { target } : { target, retryAfterMs });
  }
  const kind = arrival.rule?.kind;
  if (kind === 'lose-request') return lost();
  const outcome = body(arrival.rule);
  const reply = wire.reply(op);
  if (reply !== true && !(await reply)) return late();
  return kind === 'swallow-reply' ? lost() : outcome;
}

export const nothing: Outcome<void> = done(undefined);
