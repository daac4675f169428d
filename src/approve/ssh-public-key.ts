// Public keys as in authorized_keys and id_*.pub, for the kinds whose signatures we accept. RSA below 2048 bits and DSA are refused.
import { base64, base64url as url } from '../cryptography/bytes.ts';
import type { PublicJwk } from '../cryptography/port.ts';
import { Malformed, strictBase64, WireReader } from './ssh-wire.ts';

export const curves = {
  nistp256: { jwk: 'P-256', width: 32, hash: 'sha256' },
  nistp384: { jwk: 'P-384', width: 48, hash: 'sha384' },
  nistp521: { jwk: 'P-521', width: 66, hash: 'sha512' },
} as const;
export type Curve = keyof typeof curves;

export type KeyKind = { readonly family: 'ed25519' } | { readonly family: 'rsa' } | { readonly family: 'ecdsa'; readonly curve: Curve };

export type SshPublicKey = {
  readonly type: string;
  readonly kind: KeyKind;
  readonly key: PublicJwk;
  /** The wire form: two lines are the same key when these bytes are. */
  readonly blob: Uint8Array;
  /** Security keys only: what they were registered for; it is part of what they sign. */
  readonly application?: string;
};

function ed25519Key(x: Uint8Array): PublicJwk {
  if (x.length !== 32) throw new Malformed('an ed25519 key has 32 bytes');
  return { kty: 'OKP', crv: 'Ed25519', x: url(x) };
}

export function splitPoint(curve: Curve, point: Uint8Array): { x: string; y: string } {
  const { width } = curves[curve];
  if (point.length !== 1 + 2 * width || point[0] !== 4) throw new Malformed('the curve point is not in uncompressed form');
  return { x: url(point.subarray(1, 1 + width)), y: url(point.subarray(1 + width)) };
}

export function isCurve(name: string): name is Curve {
  return Object.hasOwn(curves, name);
}

function ecdsaKey(reader: WireReader, type: string, prefix: string): { kind: KeyKind; key: PublicJwk } {
  const curve = reader.text();
  if (!isCurve(curve) || !type.startsWith(`${prefix}${curve}`))
    throw new Malformed(`the curve ${JSON.stringify(curve)} does not fit the key type`);
  const key = { kty: 'EC', crv: curves[curve].jwk, ...splitPoint(curve, reader.string()) } as const;
  return { kind: { family: 'ecdsa', curve }, key };
}

function readKey(reader: WireReader, type: string): { kind: KeyKind; key: PublicJwk; application?: string } {
  switch (type) {
    case 'ssh-ed25519':
      return { kind: { family: 'ed25519' }, key: ed25519Key(reader.string()) };
    case 'sk-ssh-ed25519@openssh.com': {
      const key = ed25519Key(reader.string());
      return { kind: { family: 'ed25519' }, key, application: reader.text() };
    }
    case 'sk-ecdsa-sha2-nistp256@openssh.com': {
      const read = ecdsaKey(reader, type, 'sk-ecdsa-sha2-');
      return { ...read, application: reader.text() };
    }
    case 'ssh-rsa': {
      const e = reader.mpint();
      const n = reader.mpint();
      if (n.length < 256) throw new Malformed('RSA keys below 2048 bits are not accepted');
      return { kind: { family: 'rsa' }, key: { kty: 'RSA', e: url(e), n: url(n) } };
    }
    default:
      if (/^ecdsa-sha2-nistp(256|384|521)$/.test(type)) return ecdsaKey(reader, type, 'ecdsa-sha2-');
      throw new Malformed(`keys of type ${JSON.stringify(type)} are not accepted: use ed25519, ecdsa or rsa`);
  }
}

export function parsePublicBlob(blob: Uint8Array): SshPublicKey {
  const reader = new WireReader(blob);
  const type = reader.text();
  const read = readKey(reader, type);
  reader.end();
  return { type, ...read, blob };
}

/** `ssh-ed25519 AAAA… comment`; options in front, as in authorized_keys, are not accepted. Throws Malformed. */
export function parsePublicKey(line: string): SshPublicKey {
  const [type, base64] = line.trim().split(/\s+/);
  if (type === undefined || base64 === undefined) throw new Malformed('expected "TYPE BASE64", as in a .pub file');
  const key = parsePublicBlob(strictBase64(base64));
  if (key.type !== type) throw new Malformed(`it says ${type} but holds a key of type ${key.type}`);
  return key;
}

/** The line without its comment. */
export function publicLine(key: SshPublicKey): string {
  return `${key.type} ${base64(key.blob)}`;
}
