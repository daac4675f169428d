// One login by password at one KDC. The password never leaves this process: the KDC is shown a timestamp under its key, and a ticket must open with it.
import { randomBytes, randomInt } from 'node:crypto';
import type { Secret } from '../../kit/secret.ts';
import { BerError } from '../ldap/ber.ts';
import { decrypt, encrypt, etypes, stringToKey } from './etypes.ts';
import { askKdc, type Kdc, KdcError, type Until } from './kdc.ts';
import {
  type AsAnswer,
  decodeAsAnswer,
  encodeAsRequest,
  encodeEncryptedData,
  encodeTimestamp,
  type KeyHint,
  nonceOf,
  type Preauth,
  preauth,
  preauthRequired,
} from './messages.ts';

export type Principal = { readonly realm: string; readonly name: readonly string[] };

/**
 * `ticket`: opened with the key of this password. `error`: the KDC's own code (RFC 4120 section 7.5.9); `shown`: it answers the timestamp under this
 * password, so the KDC could look at it first. `unknown`: an answer that shows neither.
 */
export type LoggedIn =
  | { readonly kind: 'ticket' }
  | { readonly kind: 'error'; readonly code: number; readonly shown: boolean }
  | { readonly kind: 'unknown'; readonly code: string };

const usage = { timestamp: 1, ticket: 3 } as const;

/** The KDC shortens it to its own policy, and nobody will use the ticket. A short wish would turn a wrong clock into "never valid" (11) instead of 37. */
const lifeMs = 24 * 3_600_000;

/** RFC 3962 lets a client refuse: fewer rounds would make a listener's guesses cheaper; this many take half a second. */
const rounds = { least: 4096, most: 500_000 };

/** `now` is our clock: a KDC's answer to the first request is not authenticated and is not believed about the time. */
export async function logIn(kdc: Kdc, principal: Principal, secret: Secret, until: Until, now: () => Date): Promise<LoggedIn> {
  try {
    const asked = await ask(kdc, principal, [], until, now());
    // Accounts without preauthentication get a ticket for anyone: the timestamp is shown all the same, so that the KDC judges the password itself.
    if (asked.answer.kind === 'error' && asked.answer.code !== preauthRequired)
      return { kind: 'error', code: asked.answer.code, shown: false };
    if (asked.answer.kind === 'error' && !asked.answer.preauth.includes(preauth.encryptedTimestamp))
      return { kind: 'unknown', code: 'no-encrypted-timestamp' };
    const hint = hintOf(asked.answer);
    if (hint === undefined) return { kind: 'unknown', code: 'no-aes-key' };
    const iterations = roundsOf(hint);
    if (iterations !== undefined && (iterations < rounds.least || iterations > rounds.most)) return { kind: 'unknown', code: 'key-rounds' };
    const salt = hint.salt ?? Buffer.from(principal.realm + principal.name.join(''));
    const key = await secret.use((password) => stringToKey(hint.etype, password, salt, iterations));
    try {
      return await prove(kdc, principal, { etype: hint.etype, key }, until, now);
    } finally {
      key.fill(0);
    }
  } catch (error) {
    if (error instanceof KdcError) return { kind: 'unknown', code: error.code };
    if (error instanceof BerError) return { kind: 'unknown', code: 'EPROTO' };
    throw error;
  }
}

async function prove(
  kdc: Kdc,
  principal: Principal,
  { etype, key }: { readonly etype: number; readonly key: Buffer },
  until: Until,
  now: () => Date,
): Promise<LoggedIn> {
  const at = now();
  const stamp = encodeTimestamp(at, at.getMilliseconds() * 1000 + randomInt(1000));
  const shown = encodeEncryptedData(etype, encrypt(etype, key, usage.timestamp, stamp, randomBytes(16)));
  const { answer, nonce } = await ask(kdc, principal, [{ type: preauth.encryptedTimestamp, value: shown }], until, at);
  if (answer.kind === 'error') return { kind: 'error', code: answer.code, shown: true };
  // A ticket under another type of key is under another key: nothing is shown about this one.
  const opened = answer.sealed.etype === etype ? decrypt(etype, key, usage.ticket, answer.sealed.cipher) : undefined;
  if (opened === undefined) return { kind: 'unknown', code: 'ticket-not-opened' };
  return nonceOf(opened) === nonce ? { kind: 'ticket' } : { kind: 'unknown', code: 'stale-ticket' };
}

async function ask(
  kdc: Kdc,
  { realm, name }: Principal,
  data: readonly Preauth[],
  until: Until,
  at: Date,
): Promise<{ readonly answer: AsAnswer; readonly nonce: number }> {
  const nonce = randomInt(1, 0x7fffffff);
  const request = { realm, name, nonce, preauth: data, etypes: [...etypes.keys()], till: new Date(at.getTime() + lifeMs) };
  return { answer: decodeAsAnswer(await askKdc(kdc, encodeAsRequest(request), until)), nonce };
}

/** The KDC lists the types it has a key of, in our order. A ticket without a hint names its type, and the salt is the usual one. */
function hintOf(answer: AsAnswer): KeyHint | undefined {
  const sealed = answer.kind === 'ticket' ? answer.sealed.etype : undefined;
  const hints = answer.hints.filter(({ etype }) => etypes.has(etype) && (sealed === undefined || etype === sealed));
  return hints[0] ?? (sealed !== undefined && etypes.has(sealed) ? { etype: sealed } : undefined);
}

function roundsOf({ parameters }: KeyHint): number | undefined {
  return parameters?.length === 4 ? parameters.readUInt32BE(0) : undefined;
}
