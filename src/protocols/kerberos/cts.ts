// AES in CBC mode with ciphertext stealing and a zero IV, as Kerberos uses it (RFC 3962 section 5): the last two blocks change places.
import { createCipheriv, createDecipheriv } from 'node:crypto';

export const blockSize = 16;
const zeroIv = Buffer.alloc(blockSize);

function cipherName(key: Uint8Array, mode: 'cbc' | 'ecb'): string {
  return `aes-${key.length * 8}-${mode}`;
}

export function encryptBlock(key: Uint8Array, block: Uint8Array): Buffer {
  return createCipheriv(cipherName(key, 'ecb'), key, null).setAutoPadding(false).update(block);
}

function decryptBlock(key: Uint8Array, block: Uint8Array): Buffer {
  return createDecipheriv(cipherName(key, 'ecb'), key, null).setAutoPadding(false).update(block);
}

/** `plain` holds a block at least: the confounder. */
export function encryptCts(key: Uint8Array, plain: Uint8Array): Buffer {
  const padded = Buffer.alloc(Math.ceil(plain.length / blockSize) * blockSize);
  padded.set(plain);
  const chained = createCipheriv(cipherName(key, 'cbc'), key, zeroIv).setAutoPadding(false).update(padded);
  if (chained.length === blockSize) return chained;
  const [before, last] = [chained.length - 2 * blockSize, chained.length - blockSize];
  const stolen = Buffer.concat([chained.subarray(0, before), chained.subarray(last), chained.subarray(before, last)]);
  return stolen.subarray(0, plain.length);
}

export function decryptCts(key: Uint8Array, cipher: Uint8Array): Buffer {
  if (cipher.length < blockSize) throw new RangeError('less than a block');
  if (cipher.length === blockSize) return decryptBlock(key, cipher);
  const tail = cipher.length % blockSize || blockSize;
  const last = cipher.length - tail;
  const before = last - blockSize;
  const opened = decryptBlock(key, cipher.subarray(before, last));
  const end = Buffer.alloc(tail);
  for (let at = 0; at < tail; at++) end[at] = (opened[at] as number) ^ (cipher[last + at] as number);
  // What was stolen from the last block but one stands at the end of the opened block.
  const whole = Buffer.concat([cipher.subarray(0, before), cipher.subarray(last), opened.subarray(tail)]);
  const rest = createDecipheriv(cipherName(key, 'cbc'), key, zeroIv).setAutoPadding(false).update(whole);
  return Buffer.concat([rest, end]);
}
