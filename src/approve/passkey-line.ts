// A passkey's public key as one line, as approvals store it and reports print it: `ES256 pQECAyYgASFY…` (algorithm, COSE key in base64url).
import { parseCoseKey } from './cose-key.ts';
import { Malformed } from './ssh-wire.ts';

export const passkeyLine = (cose: string): string => `${parseCoseKey(cose).algorithm} ${cose}`;

/** The COSE key of a line. Throws Malformed unless the line is what `passkeyLine` writes. */
export function readPasskeyLine(line: string): string {
  const cose = line.split(' ')[1] ?? '';
  if (passkeyLine(cose) !== line) throw new Malformed('the public key is not written as a passkey is stored');
  return cose;
}
