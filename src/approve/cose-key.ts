// Passkeys' public keys (COSE_Key, RFC 9052) as the kinds whose signatures we accept: ES256, EdDSA and RS256. No byte is left unread.
import { base64url, fromBase64url } from '../cryptography/bytes.ts';
import type { HashName, PublicJwk } from '../cryptography/port.ts';
import { Malformed } from './ssh-wire.ts';

export type PasskeyKey = { readonly algorithm: 'ES256' | 'EdDSA' | 'RS256'; readonly jwk: PublicJwk; readonly hash: HashName | null };

/** `cose` is base64url. Throws Malformed. */
export function parseCoseKey(cose: string): PasskeyKey {
  const bytes = fromBase64url(cose);
  if (bytes === undefined) throw new Malformed('the public key is not base64url');
  const map = new CborReader(bytes).map();
  const number = (label: number): number => {
    const value = map.get(label);
    if (typeof value !== 'number') throw new Malformed(`the public key has no number ${label}`);
    return value;
  };
  const text = (label: number, length?: number): string => {
    const value = map.get(label);
    if (!(value instanceof Uint8Array) || (length !== undefined && value.length !== length))
      throw new Malformed(`the public key has no bytes ${label}`);
    return base64url(value);
  };
  const [type, algorithm] = [number(1), number(3)];
  if (type === 2 && algorithm === -7 && number(-1) === 1 && map.size === 5)
    return { algorithm: 'ES256', jwk: { kty: 'EC', crv: 'P-256', x: text(-2, 32), y: text(-3, 32) }, hash: 'sha256' };
  if (type === 1 && algorithm === -8 && number(-1) === 6 && map.size === 4)
    return { algorithm: 'EdDSA', jwk: { kty: 'OKP', crv: 'Ed25519', x: text(-2, 32) }, hash: null };
  if (type === 3 && algorithm === -257 && map.size === 4) {
    const n = map.get(-1);
    if (!(n instanceof Uint8Array) || n.length < 256) throw new Malformed('RSA keys below 2048 bits are not accepted');
    return { algorithm: 'RS256', jwk: { kty: 'RSA', n: text(-1), e: text(-2) }, hash: 'sha256' };
  }
  throw new Malformed(`keys of type ${type} with algorithm ${algorithm} are not accepted`);
}

/** As much of CBOR (RFC 8949) as a key is made of: one map of integers to integers and byte strings, each in its shortest form. */
class CborReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  map(): ReadonlyMap<number, number | Uint8Array> {
    const { major, value: size } = this.#head();
    if (major !== 5) throw new Malformed('the public key is not a CBOR map');
    const map = new Map<number, number | Uint8Array>();
    for (let i = 0; i < size; i += 1) {
      const label = this.#value();
      if (typeof label !== 'number' || map.has(label)) throw new Malformed('the public key has a label twice, or one that is no number');
      map.set(label, this.#value());
    }
    if (this.#at !== this.#bytes.length) throw new Malformed('bytes are left over after the public key');
    return map;
  }

  #value(): number | Uint8Array {
    const { major, value } = this.#head();
    if (major === 0) return value;
    if (major === 1) return -1 - value;
    if (major !== 2) throw new Malformed('the public key holds something else than numbers and bytes');
    return this.#take(value);
  }

  #head(): { readonly major: number; readonly value: number } {
    const first = this.#take(1)[0] as number; // one byte was taken
    const [major, low] = [first >> 5, first & 31];
    if (low < 24) return { major, value: low };
    if (low > 25) throw new Malformed('the public key holds a number that is too large');
    const value = this.#take(low - 23).reduce((n, byte) => n * 256 + byte, 0);
    if (value < (low === 24 ? 24 : 256)) throw new Malformed('a number in the public key is not in its shortest form');
    return { major, value };
  }

  #take(length: number): Uint8Array {
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    if (part.length !== length) throw new Malformed('the public key ends too early');
    this.#at += length;
    return part;
  }
}
