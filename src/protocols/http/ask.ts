// A question to an HTTP server with a credential of our own: an expected status is an answer, everything else an outcome. A read is never in doubt.
import { done, type Io, type Outcome, refused, type Secret, type SecretRef } from '../../kit/kit.ts';
import { type Answered, type Call, call, type Meaning, outcomeOf, quoted, type Target } from './call.ts';

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
};

/** `sent`: the secrets in it, which no message may repeat. */
export type Ask = (asked: Call, expected: readonly number[], sent?: readonly Secret[]) => Promise<Outcome<Answered>>;

export function asks({ target, io, token, header, meanings, said }: Asking): Ask {
  return async (asked, expected, sent = []) => {
    let own: Secret;
    try {
      own = await io.resolve(token);
    } catch {
      return refused('auth', 'the credential of this system could not be read: see its config', { target: 'NO-SECRET' });
    }
    const reply = await own.text((text) => call(target, { ...asked, headers: { ...header(text), ...asked.headers } }, io));
    if (reply.kind === 'answered' && expected.includes(reply.status)) return done(reply);
    const answered = reply.kind === 'answered';
    const text = answered ? quoted(said?.(reply.body), [own, ...sent]) : '';
    const outcome = outcomeOf(reply, answered ? meanings?.(reply) : {}, text);
    // A question changes nothing, whatever became of its answer.
    return asked.method === 'GET' && outcome.kind === 'indeterminate' ? { kind: 'refused', fault: outcome.fault } : outcome;
  };
}
