// One sealed value: AES-256-GCM with a random 96-bit IV. Any changed bit, and any other place than the one it was sealed for, is refused.
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { Problem } from '../domain/problem.ts';

/** Format 1: [1][IV 12][ciphertext][tag 16]. The format byte is authenticated too. */
const format = 1;
const ivBytes = 12;
const tagBytes = 16;
export const overhead = 1 + ivBytes + tagBytes;

export function sealWith(key: KeyObject, aad: string, bytes: Uint8Array): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes }).setAAD(bound(aad));
  const head = Buffer.of(format);
  return Buffer.concat([head, iv, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

export function openWith(key: KeyObject, aad: string, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes.length < overhead || bytes[0] !== format)
    throw broken(bytes.length < overhead ? 'it is too short' : `its format is ${bytes[0]}, not ${format}`);
  const iv = bytes.subarray(1, 1 + ivBytes);
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes })
    .setAAD(bound(aad))
    .setAuthTag(bytes.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(1 + ivBytes, -tagBytes)), decipher.final()]);
  } catch {
    throw broken('it was altered, moved to another row, or sealed with another key');
  }
}

/** Where a secret belongs: a sealed value copied to another account, version or data key does not open. */
export function secretAad(account: string, origin: string, version: number, dataKey: string): string {
  return JSON.stringify(['secret', account, origin, version, dataKey]);
}

function bound(aad: string): Buffer {
  return Buffer.from(`rekey/seal/${format}\n${aad}`, 'utf8');
}

function broken(why: string): Problem {
  return new Problem('internal', {
    message: `A sealed value does not open: ${why}.`,
    place: 'store',
    hint: 'Restore the store from a backup taken together with the keyring; do not reset these accounts again before that.',
  });
}
