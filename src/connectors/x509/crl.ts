// A revocation list (RFC 5280 section 5), believed only with the CA's signature and within its own dates.
import type { X509Certificate } from 'node:crypto';
import { children, context, DerError, elementAt, expect, serialText, tags, timeOf } from './der.ts';
import { checkSignature } from './signed.ts';

export type RevocationList = { readonly thisUpdate: Date; readonly nextUpdate: Date | undefined; readonly revoked: ReadonlySet<string> };

/** PEM or DER. Throws a DerError that says what is wrong. */
export function readCrl(bytes: Buffer, ca: X509Certificate): RevocationList {
  const [list, algorithm, signature] = children(expect(elementAt(derOf(bytes)), tags.sequence));
  const body = expect(list, tags.sequence);
  checkSignature(body, algorithm, signature, ca.publicKey);
  const parts = children(body);
  if (parts[0]?.tag === tags.integer) parts.shift();
  const [, issuer, thisUpdate, ...rest] = parts;
  expect(issuer, tags.sequence);
  const nextUpdate = rest[0]?.tag === tags.utcTime || rest[0]?.tag === tags.time ? timeOf(rest.shift()) : undefined;
  const entries = rest[0]?.tag === tags.sequence ? children(rest[0]) : [];
  const extensions = rest.find(({ tag }) => tag === context(0));
  // A critical extension limits what the list is about (deltas, parts of a CA): then "not in it" does not mean "not revoked".
  if (extensions !== undefined && critical(extensions.body))
    throw new DerError('the list has a critical extension this reader does not know');
  return { thisUpdate: timeOf(thisUpdate), nextUpdate, revoked: new Set(entries.map((entry) => serialIn(children(entry)[0]?.body))) };
}

export const serialIn = (body: Buffer | undefined): string => serialText(body?.toString('hex') ?? '');

function critical(extensions: Buffer): boolean {
  return children(expect(elementAt(extensions), tags.sequence)).some((extension) => {
    const [, flag] = children(extension);
    return flag?.tag === tags.boolean && flag.body[0] !== 0;
  });
}

function derOf(bytes: Buffer): Buffer {
  const text = bytes.subarray(0, 64).toString('latin1');
  if (!text.includes('-----BEGIN')) return bytes;
  const [, inner = ''] = /-----BEGIN X509 CRL-----([^-]+)-----END X509 CRL-----/.exec(bytes.toString('latin1')) ?? [];
  return Buffer.from(inner, 'base64');
}

/** Five minutes: clocks of a CA and of this machine differ. */
const skewMs = 300_000;

/** Why a signed statement may not be used now; undefined = it may. */
export function staleness(
  { thisUpdate, nextUpdate }: Pick<RevocationList, 'thisUpdate' | 'nextUpdate'>,
  now: Date,
): 'from-the-future' | 'expired' | undefined {
  if (thisUpdate.getTime() > now.getTime() + skewMs) return 'from-the-future';
  return nextUpdate !== undefined && nextUpdate.getTime() + skewMs < now.getTime() ? 'expired' : undefined;
}
