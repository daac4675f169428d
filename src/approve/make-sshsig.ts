// Makes SSH signatures (OpenSSH PROTOCOL.sshsig) from a private key held here: on the approver's machine, offline.
import { hash, type KeyObject, sign } from 'node:crypto';
import { utf8 } from '../cryptography/bytes.ts';
import type { SshPrivateKey } from './ssh-private-key.ts';
import { curves, type SshPublicKey } from './ssh-public-key.ts';
import { wireMpint, wireString } from './ssh-wire.ts';
import { magic, signedData } from './sshsig.ts';

/** What `ssh-keygen -Y sign` would write, with its default hash. */
export function signSsh(key: SshPrivateKey, namespace: string, message: Uint8Array): string {
  const data = signedData(namespace, new Uint8Array(), 'sha512', hash('sha512', message, 'buffer'));
  const blob = Buffer.concat([
    utf8(magic),
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

function rawSignature(key: KeyObject, pub: SshPublicKey, data: Uint8Array): Buffer {
  switch (pub.kind.family) {
    case 'ed25519':
      return Buffer.concat([wireString(pub.type), wireString(sign(null, data, key))]);
    case 'rsa':
      return Buffer.concat([wireString('rsa-sha2-512'), wireString(sign('sha512', data, key))]);
    case 'ecdsa': {
      const { hash: name, width } = curves[pub.kind.curve];
      const rs = sign(name, data, { key, dsaEncoding: 'ieee-p1363' });
      const numbers = Buffer.concat([wireMpint(rs.subarray(0, width)), wireMpint(rs.subarray(width))]);
      return Buffer.concat([wireString(pub.type), wireString(numbers)]);
    }
  }
}
