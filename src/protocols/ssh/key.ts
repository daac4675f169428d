// SSH keys as bytes: an Ed25519 pair in OpenSSH's own form, the public half of any private key, and the fingerprint ssh-keygen prints.
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { ParsedKey } from 'ssh2';

/** `blob` is the wire form: two lines are the same key when these bytes are. `line` has no comment. */
export type PublicKey = { readonly type: string; readonly blob: Buffer; readonly line: string; readonly fingerprint: string };

export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

export function publicKeyOf(blob: Buffer): PublicKey {
  const type = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1');
  return { type, blob, line: `${type} ${blob.toString('base64')}`, fingerprint: fingerprintOf(blob) };
}

/** A private key that can sign, or why not. The text of the key is in no message. */
export async function parsePrivateKey(
  text: string,
): Promise<{ readonly key: ParsedKey; readonly public: PublicKey } | { readonly bad: string }> {
  const { default: ssh2 } = await import('ssh2');
  const parsed = ssh2.utils.parseKey(text);
  // The newer format may hold several keys; the driver reads one.
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || key instanceof Error || !key.isPrivateKey()) return { bad: 'not an unencrypted private key' };
  return { key, public: publicKeyOf(key.getPublicSSH()) };
}

/**
 * openssh-key-v1, unencrypted. Not by the driver's generator: it strips leading zero bytes of the public half, so that one key in 256 is damaged.
 */
export function freshEd25519(comment: string): Buffer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x } = publicKey.export({ format: 'jwk' });
  const { d } = privateKey.export({ format: 'jwk' });
  const [pub, seed] = [Buffer.from(x as string, 'base64url'), Buffer.from(d as string, 'base64url')]; // an Ed25519 key always has both
  const blob = Buffer.concat([wire('ssh-ed25519'), wire(pub)]);
  const check = randomBytes(4);
  const inner = Buffer.concat([check, check, blob, wire(Buffer.concat([seed, pub])), wire(comment)]);
  const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, n) => n + 1));
  const outer = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    wire('none'),
    wire('none'),
    wire(''),
    Buffer.from([0, 0, 0, 1]),
    wire(blob),
    wire(Buffer.concat([inner, padding])),
  ]);
  const lines = outer.toString('base64').match(/.{1,70}/g) ?? [];
  return Buffer.from(`-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`);
}

function wire(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value as string); // Buffer.from takes both; the cast picks one overload
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
