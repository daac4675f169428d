// One AMQP 0-9-1 login with PLAIN, as far as connection.open-ok: a connection of its own, ended at once. What the broker says stands as a table.
import type { Probed, Secret } from '../../kit/kit.ts';
import { converse, type Endpoint, type Limits, type Step } from '../tcp/dial.ts';
import { type Close, close, method, open, protocolHeader, readMethod, startOk, tuneOk } from './frames.ts';

/** `tuned`: the broker went on after the login, so it took the secret. `closed`: it ended the connection with a code. */
type Ending = { readonly tuned: boolean; readonly closed?: Close; readonly odd?: string };

export async function login(at: Endpoint, user: string, secret: Secret, vhost: string, limits: Limits): Promise<Probed> {
  if (secret.use((bytes) => bytes.length === 0)) return { verdict: 'indeterminate', code: 'empty-secret' };
  let tuned = false;
  const step = (received: Buffer): Step<Ending> => {
    // A broker of another protocol or version answers with its own header instead of a frame.
    if (received.subarray(0, 4).equals(protocolHeader.subarray(0, 4))) return { used: 0, done: { tuned, odd: 'EPROTO' } };
    const read = readMethod(received);
    if (read === 'more') return { used: 0 };
    if (read === 'odd') return { used: 0, done: { tuned, odd: 'EPROTO' } };
    const { used, name, closed, limits: sizes } = read;
    switch (name) {
      case method.start:
        return { used, send: secret.use((bytes) => startOk(user, bytes)) };
      case method.tune:
        tuned = true;
        return { used, send: Buffer.concat([tuneOk(sizes), open(vhost)]) };
      case method.openOk:
        return { used, done: { tuned } };
      case method.close:
        return { used, done: closed === undefined ? { tuned, odd: 'EPROTO' } : { tuned, closed } };
      default:
        return { used };
    }
  };
  const ending = await converse(at, limits, protocolHeader, step, close);
  return 'failed' in ending ? { verdict: 'indeterminate', code: ending.failed } : probedOf(ending);
}

type Meaning = {
  readonly code: number;
  readonly tuned: boolean;
  readonly text?: RegExp;
  readonly verdict: Probed['verdict'];
  readonly why: string;
};

/** First match wins; everything else is indeterminate. Before the tuning the secret has not been taken, after it it has. */
export const closeMeanings: readonly Meaning[] = [
  {
    code: 403,
    tuned: false,
    text: /^ACCESS_REFUSED - Login was refused/,
    verdict: 'rejected',
    why: 'wrong password, unknown user, or a user that may only come from the same machine: the control with the new secret tells those',
  },
  {
    code: 530,
    tuned: true,
    text: /limit .* is reached/,
    verdict: 'blocked',
    why: 'right password; no connection is left to this user or virtual host',
  },
  { code: 530, tuned: true, verdict: 'accepted', why: 'right password; no right on the virtual host, or there is no such virtual host' },
];

export function probedOf({ tuned, closed, odd }: Ending): Probed {
  if (odd !== undefined) return { verdict: 'indeterminate', code: odd };
  if (closed === undefined) return tuned ? { verdict: 'accepted', code: 'open-ok' } : { verdict: 'indeterminate', code: 'EPROTO' };
  const known = closeMeanings.find(
    (each) => each.code === closed.code && each.tuned === tuned && (each.text === undefined || each.text.test(closed.text)),
  );
  return { verdict: known?.verdict ?? 'indeterminate', code: String(closed.code) };
}
