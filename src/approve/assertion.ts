// Whether a passkey's assertion (WebAuthn, "get") is an approval of exactly this message by this approver: no byte of it is left unchecked.
import { base64url, concat, fromBase64url, sameBytes, strictText, utf8 } from '../cryptography/bytes.ts';
import type { Cryptography } from '../cryptography/port.ts';
import { canonical } from '../domain/json.ts';
import { parseCoseKey } from './cose-key.ts';
import { passkeyChallengeBytes } from './message.ts';
import { Malformed, WireReader } from './ssh-wire.ts';

/** All that is needed to check it without the server, as it is stored and exported. Bytes are base64url. */
export type Assertion = {
  readonly authenticatorData: string;
  readonly clientDataJSON: string;
  /** Id of the credential. */
  readonly credential: string;
  /** When the key was enrolled as the approver's, by the server's own clock. */
  readonly enrolledAt: string;
  readonly origin: string;
  readonly rpId: string;
  readonly signature: string;
};

const members = ['authenticatorData', 'clientDataJSON', 'credential', 'enrolledAt', 'origin', 'rpId', 'signature'] as const;

export const assertionText = (assertion: Assertion): string => canonical(assertion);

/** Throws Malformed unless the text is exactly what `assertionText` writes. */
export function parseAssertion(text: string): Assertion {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Malformed('it is not JSON');
  }
  const read = value as Assertion; // the members are looked at one by one below
  if (typeof value !== 'object' || value === null || members.some((name) => typeof read[name] !== 'string') || assertionText(read) !== text)
    throw new Malformed('it is not written as an assertion is stored');
  if (Object.keys(value).length !== members.length) throw new Malformed('it has members that no assertion has');
  return read;
}

export async function challengeOf(message: string, approver: string, cryptography: Cryptography): Promise<string> {
  return base64url(await cryptography.digest('sha256', passkeyChallengeBytes(message, approver)));
}

export type Asserted = { readonly message: string; readonly approver: string /** COSE, base64url. */; readonly publicKey: string };

const present = 0x01;
const verified = 0x04;
const backup = 0x18;
const extended = 0xc0; // attested key or extensions follow

/** How often the key was used, as it counts itself (0: it does not count). Throws Malformed with the reason otherwise. */
export async function readAssertion(
  assertion: Assertion,
  { message, approver, publicKey }: Asserted,
  cryptography: Cryptography,
): Promise<number> {
  const [clientData, data, signature] = [
    bytesOf(assertion.clientDataJSON),
    bytesOf(assertion.authenticatorData),
    bytesOf(assertion.signature),
  ];
  bytesOf(assertion.credential);
  clientDataFits(clientData, assertion, await challengeOf(message, approver, cryptography));
  const reader = new WireReader(data);
  if (!sameBytes(reader.raw(32), cryptography.sha256(utf8(assertion.rpId))))
    throw new Malformed(`it was made for another site than ${assertion.rpId}`);
  const flags = reader.raw(1)[0] as number; // one byte was taken
  if ((flags & present) === 0) throw new Malformed('nobody touched the passkey');
  if ((flags & verified) === 0) throw new Malformed('the passkey did not check who uses it (no PIN, finger or face)');
  if ((flags & extended) !== 0) throw new Malformed('it carries data that nobody asked for');
  if ((flags & backup) === 0x10) throw new Malformed('its flags contradict each other');
  const counter = reader.uint32();
  reader.end();
  const { jwk, hash } = parseCoseKey(publicKey);
  const signed = concat(data, cryptography.sha256(clientData));
  const raw = jwk.kty === 'EC' ? fromDer(signature) : signature;
  if (!(await cryptography.verify(jwk, hash, signed, raw))) throw new Malformed('its signature is not that of the enrolled passkey');
  return counter;
}

function bytesOf(text: string): Uint8Array {
  const bytes = fromBase64url(text);
  if (bytes === undefined || bytes.length === 0) throw new Malformed('a part of it is not base64url');
  return bytes;
}

/** What the browser says it showed the key: the page's own word on challenge and origin, under the key's signature. */
function clientDataFits(bytes: Uint8Array, { origin, rpId }: Assertion, challenge: string): void {
  const text = strictText(bytes);
  let said: {
    readonly type?: unknown;
    readonly challenge?: unknown;
    readonly origin?: unknown;
    readonly crossOrigin?: unknown;
    readonly topOrigin?: unknown;
  };
  try {
    said = JSON.parse(text ?? '') ?? {};
  } catch {
    throw new Malformed('its client data are not JSON');
  }
  if (said.type !== 'webauthn.get') throw new Malformed('it is no answer to a request to sign');
  if (said.challenge !== challenge) throw new Malformed('it was made over something else than this plan, hash, estate and approver');
  if (said.origin !== origin) throw new Malformed(`it was made on another page than ${origin}`);
  if ((said.crossOrigin !== undefined && said.crossOrigin !== false) || said.topOrigin !== undefined)
    throw new Malformed('it was made inside a frame of another site');
  if (!isUnder(origin, rpId)) throw new Malformed(`${origin} is no page of ${rpId}`);
}

function isUnder(origin: string, rpId: string): boolean {
  const host = /^https?:\/\/([^/:]+)(?::\d+)?$/.exec(origin)?.[1];
  return host !== undefined && (host === rpId || host.endsWith(`.${rpId}`));
}

/** r and s side by side, of an ECDSA signature in DER in its one canonical form. */
function fromDer(der: Uint8Array): Uint8Array {
  const wrong = new Malformed('its signature is not in canonical form');
  const number = (at: number): { readonly bytes: Uint8Array; readonly end: number } => {
    const length = der[at + 1] ?? 0;
    const bytes = der.subarray(at + 2, at + 2 + length);
    const [first = 0x80, second = 0] = bytes;
    if (der[at] !== 0x02 || bytes.length !== length || length === 0 || first >= 0x80 || (length > 1 && first === 0 && second < 0x80))
      throw wrong;
    const magnitude = first === 0 ? bytes.subarray(1) : bytes;
    if (magnitude.length > 32) throw wrong;
    return { bytes: concat(new Uint8Array(32 - magnitude.length), magnitude), end: at + 2 + length };
  };
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 127) throw wrong;
  const r = number(2);
  const s = number(r.end);
  if (s.end !== der.length) throw wrong;
  return concat(r.bytes, s.bytes);
}
