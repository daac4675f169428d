// SSH signatures (OpenSSH PROTOCOL.sshsig) verified without ssh-keygen, in Node and in browsers. Only SHA-2, no byte left unchecked.
import { concat, shownText, utf8 } from '../cryptography/bytes.ts';
import type { Cryptography, HashName } from '../cryptography/port.ts';
import { curves, parsePublicBlob, type SshPublicKey } from './ssh-public-key.ts';
import { Malformed, strictBase64, WireReader, wireString } from './ssh-wire.ts';

export const magic = 'SSHSIG';
const armor = /^-----BEGIN SSH SIGNATURE-----\r?\n((?:[A-Za-z0-9+/=]+\r?\n)+)-----END SSH SIGNATURE-----(?:\r?\n)*$/;
const isHash = (name: string): name is HashName => name === 'sha256' || name === 'sha512';

export type SshSignature = {
  readonly key: SshPublicKey;
  readonly namespace: string;
  readonly reserved: Uint8Array;
  readonly hash: HashName;
  readonly blob: Uint8Array;
};

/** Throws Malformed. */
export function parseSignature(text: string): SshSignature {
  const body = armor.exec(text)?.[1];
  if (body === undefined) throw new Malformed('it is not between the lines BEGIN SSH SIGNATURE and END SSH SIGNATURE');
  const reader = new WireReader(strictBase64(body.replaceAll(/\r?\n/g, '')));
  if (shownText(reader.raw(magic.length)) !== magic) throw new Malformed('the magic number is missing');
  if (reader.uint32() !== 1) throw new Malformed('only version 1 is known');
  const key = parsePublicBlob(reader.string());
  const namespace = reader.text();
  const reserved = reader.string();
  const hash = reader.text();
  if (!isHash(hash)) throw new Malformed('its hash is neither sha256 nor sha512');
  const blob = reader.string();
  reader.end();
  return { key, namespace, reserved, hash, blob };
}

/** True when the signature's own key signed exactly this message. Whose key that is, is the caller's question. Throws Malformed. */
export async function isSigned(signature: SshSignature, message: Uint8Array, cryptography: Cryptography): Promise<boolean> {
  const { key, namespace, reserved, hash } = signature;
  const data = signedData(namespace, reserved, hash, await cryptography.digest(hash, message));
  const reader = new WireReader(signature.blob);
  const type = reader.text();
  const raw = reader.string();
  const proof = key.application === undefined ? data : touched(reader, key.application, data, cryptography);
  reader.end();
  switch (key.kind.family) {
    case 'ed25519':
      return type === key.type && raw.length === 64 && cryptography.verify(key.key, null, proof, raw);
    case 'ecdsa': {
      const { hash: name, width } = curves[key.kind.curve];
      return type === key.type && cryptography.verify(key.key, name, proof, pair(raw, width));
    }
    case 'rsa': {
      const name = type === 'rsa-sha2-256' ? 'sha256' : type === 'rsa-sha2-512' ? 'sha512' : undefined;
      return name !== undefined && cryptography.verify(key.key, name, proof, raw);
    }
  }
}

/** What a security key signs; without the presence flag nobody touched it. */
function touched(reader: WireReader, application: string, data: Uint8Array, { sha256 }: Cryptography): Uint8Array {
  const flags = reader.raw(1);
  const counter = reader.raw(4);
  if ((flags[0]! & 1) === 0) throw new Malformed('nobody touched the security key');
  return concat(sha256(utf8(application)), flags, counter, sha256(data));
}

function pair(raw: Uint8Array, width: number): Uint8Array {
  const reader = new WireReader(raw);
  const both = concat(reader.mpint(width), reader.mpint(width));
  reader.end();
  return both;
}

export function signedData(namespace: string, reserved: Uint8Array, hash: string, digest: Uint8Array): Uint8Array {
  return concat(utf8(magic), wireString(namespace), wireString(reserved), wireString(hash), wireString(digest));
}
