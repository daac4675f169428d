// A question to an HTTP server with a credential of our own: an expected status is an answer, everything else an outcome. A read is never in doubt.
import { type Check, done, type Fault, type Io, type Outcome, refused, type Secret, type SecretRef } from '../../kit/kit.ts';
import { budgeted } from './budget.ts';
import { type Answered, type Call, call, type Meaning, outcomeOf, quoted, type Target } from './call.ts';
import { unreached } from './checks.ts';

export type Asking = {
  readonly target: Target;
  readonly io: Io;
  /** Our own credential. Resolved for each question, so that a token file exchanged meanwhile is picked up. */
  readonly token: SecretRef;
  header(token: string): Readonly<Record<string, string>>;
  /** What statuses mean at this target, beyond the usual. */
  meanings?(reply: Answered): Readonly<Record<number, Meaning>>;
  /** Where the target writes why it refused. */
  said?(body: unknown): unknown;
  /** Header with the second (since 1970) from which on the target takes requests again, beside Retry-After. */
  readonly resetHeader?: string;
};

/** `sent`: the secrets in it, which no message may repeat. */
export type Ask = (asked: Call, expected: readonly number[], sent?: readonly Secret[]) => Promise<Outcome<Answered>>;
/** An Ask for one operation: all its questions together end within `io.timeoutMs`. */
export type Begin = () => Ask;

export function asks({ target, io: host, token, header, meanings, said, resetHeader }: Asking): Begin {
  return () => {
    const io = budgeted(host);
    return async (asked, expected, sent = []) => {
      let own: Secret;
      try {
        own = await io.resolve(token);
      } catch {
        return refused('auth', 'the credential of this system could not be read: see its config', { target: noSecret });
      }
      const reply = await own.text((text) => call(target, { ...asked, headers: { ...header(text), ...asked.headers } }, io));
      if (reply.kind !== 'answered') return settled(asked, outcomeOf(reply));
      if (expected.includes(reply.status)) return done(reply);
      const wait = reply.retryAfterMs ?? untilReset(reply, resetHeader, io.now());
      return settled(asked, outcomeOf({ ...reply, retryAfterMs: wait }, meanings?.(reply), quoted(said?.(reply.body), [own, ...sent])));
    };
  };
}

const noSecret = 'NO-SECRET';

/** A question changes nothing, whatever became of its answer. */
function settled({ method }: Call, outcome: Outcome<never>): Outcome<never> {
  return method === 'GET' && outcome.kind === 'indeterminate' ? { kind: 'refused', fault: outcome.fault } : outcome;
}

/** Never more than an hour, as for Retry-After. */
function untilReset(reply: Answered, name: string | undefined, now: Date): number | undefined {
  const second = Number(name === undefined ? Number.NaN : (reply.header(name) ?? Number.NaN));
  if (!Number.isFinite(second) || (reply.status !== 403 && reply.status !== 429)) return undefined;
  return Math.min(3_600_000, Math.max(1000, second * 1000 - (reply.date ?? now).getTime()));
}

/** The check for a first question that failed: not reached, no credential, or a credential the server does not take. */
export function firstFailure({ message, target = '', code }: Fault, url: string): Check {
  if (code === 'auth' || target === noSecret)
    return { id: 'auth', verdict: 'fail', message: `${url}: ${message}`, next: 'Put a valid token where config.token points.' };
  // A status: something answers, but not the API we ask for.
  if (/^\d{3}$/.test(target))
    return { id: 'reach', verdict: 'fail', message: `${url}: ${message}`, next: 'Check that config.url is the address of the API.' };
  return unreached(target, url);
}
