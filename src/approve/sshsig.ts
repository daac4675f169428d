// SSH signatures (OpenSSH PROTOCOL.sshsig) without ssh-keygen: verified and made. Only SHA-2, only our namespace, no byte left unchecked.
import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import type { SshPrivateKey } from './ssh-private-key.ts';
import { curves, parsePublicBlob, type SshPublicKey } from './ssh-public-key.ts';
import { Malformed, strictBase64, WireReader, wireMpint, wireString } from './ssh-wire.ts';

const magic = 'SSHSIG';
const armor = /^-----BEGIN SSH SIGNATURE-----\r?\n((?:[A-Za-z0-9+/=]+\r?\n)+)-----END SSH SIGNATURE-----(?:\r?\n)*$/;
const hashes = ['sha256', 'sha512'];

export type SshSignature = {
  readonly key: SshPublicKey;
  readonly namespace: string;
  readonly reserved: Buffer;
  readonly hash: string;
  readonly blob: Buffer;
};

/** Throws Malformed. */
export function parseSignature(text: string): SshSignature {
  const body = armor.exec(text)?.[1];
  if (body === undefined) throw new Malformed('it is not between the lines BEGIN SSH SIGNATURE and END SSH SIGNATURE');
  const reader = new WireReader(strictBase64(body.replaceAll(/\r?\n/g, '')));
  if (reader.raw(magic.length).toString('latin1') !== magic) throw new Malformed('the magic number is missing');
  if (reader.uint32() !== 1) throw new Malformed('only version 1 is known');
  const key = parsePublicBlob(reader.string());
  const namespace = reader.string().toString('utf8');
  const reserved = Buffer.from(reader.string());
  const hash = reader.text();
  if (!hashes.includes(hash)) throw new Malformed('its hash is neither sha256 nor sha512');
  const blob = Buffer.from(reader.string());
  reader.end();
  return { key, namespace, reserved, hash, blob };
}

/** True when the signature's own key signed exactly this message. Whose key that is, is the caller's question. Throws Malformed. */
export function isSigned(signature: SshSignature, message: Uint8Array): boolean {
  const data = signedData(signature.namespace, signature.reserved, signature.hash, message);
  const reader = new WireReader(signature.blob);
  const type = reader.text();
  const { key } = signature;
  const raw = reader.string();
  const proof = key.application === undefined ? data : touched(reader, key.application, data);
  reader.end();
  switch (key.kind.family) {
    case 'ed25519':
      return type === key.type && raw.length === 64 && verify(null, proof, key.key, raw);
    case 'ecdsa':
      return (
        type === key.type &&
        verify(curves[key.kind.curve].hash, proof, { key: key.key, dsaEncoding: 'ieee-p1363' }, pair(raw, curves[key.kind.curve].width))
      );
    case 'rsa': {
      const hash = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }[type];
      return hash !== undefined && verify(hash, proof, key.key, raw);
    }
  }
}

/** What a security key signs; without the presence flag nobody touched it. */
function touched(reader: WireReader, application: string, data: Buffer): Buffer {
  const flags = reader.raw(1);
  const counter = reader.raw(4);
  if ((flags[0]! & 1) === 0) throw new Malformed('nobody touched the security key');
  const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest();
  return Buffer.concat([sha256(application), flags, counter, sha256(data)]);
}

function pair(raw: Buffer, width: number): Buffer {
  const reader = new WireReader(raw);
  const both = Buffer.concat([reader.mpint(width), reader.mpint(width)]);
  reader.end();
  return both;
}

function signedData(namespace: string, reserved: Uint8Array, hash: string, message: Uint8Array): Buffer {
  const digest = createHash(hash).update(message).digest();
  return Buffer.concat([Buffer.from(magic), wireString(namespace), wireString(reserved), wireString(hash), wireString(digest)]);
}

/** What `ssh-keygen -Y sign` would write, with its default hash. */
export function signSsh(key: SshPrivateKey, namespace: string, message: Uint8Array): string {
  const data = signedData(namespace, Buffer.alloc(0), 'sha512', message);
  const blob = Buffer.concat([
    Buffer.from(magic),
    Buffer.from([0, 0, 0, 1]),
    wireString(key.public.blob),
    wireString(namespace),
    wireString(''),
    wireString('sha512'),
    wireString(rawSignature(key.key, key.public, data)),
  ]);
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join('\n')}\n-----END SSH SIGNATURE-----\n`;
}

function rawSignature(key: KeyObject, pub: SshPublicKey, data: Buffer): Buffer {
  switch (pub.kind.family) {
    case 'ed25519':
      return Buffer.concat([wireString(pub.type), wireString(sign(null, data, key))]);
    case 'rsa':
      return Buffer.concat([wireString('rsa-sha2-512'), wireString(sign('sha512', data, key))]);
    case 'ecdsa': {
      const { hash, width } = curves[pub.kind.curve];
      const rs = sign(hash, data, { key, dsaEncoding: 'ieee-p1363' });
      const numbers = Buffer.concat([wireMpint(rs.subarray(0, width)), wireMpint(rs.subarray(width))]);
      return Buffer.concat([wireString(pub.type), wireString(numbers)]);
    }
  }
}
