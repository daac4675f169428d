// The SHA-512 crypt hash ($6$) of a secret, made here so that the secret itself never reaches the host. Checked against the published vectors.
import { createHash, randomBytes } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Secret } from '../../kit/kit.ts';

/** What every libcrypt takes when the hash does not say another number. */
export const defaultRounds = 5_000;
export const mostRounds = 500_000;

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Rounds between two breaths of the process: some milliseconds. */
const stretch = 2_000;

/** 16 characters, 96 bits: the most the scheme takes. */
const freshSalt = (): string => Array.from(randomBytes(16), (byte) => alphabet[byte & 63]).join('');

export async function hashOf(secret: Secret, rounds: number): Promise<string> {
  const key = secret.use((bytes) => Buffer.from(bytes));
  try {
    return await sha512crypt(key, freshSalt(), rounds);
  } finally {
    key.fill(0);
  }
}

const sha512 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** `rounds` left out of the text when it is the default, as the reference does without `rounds=`. */
export async function sha512crypt(
  key: Uint8Array,
  saltText: string,
  rounds = defaultRounds,
  explicit = rounds !== defaultRounds,
): Promise<string> {
  const salt = Buffer.from(saltText.slice(0, 16), 'latin1');
  let digest = firstDigest(key, salt);
  const p = stretchTo(sha512(...Array.from(key, () => key)), key.length);
  const s = stretchTo(sha512(...Array.from({ length: 16 + (digest[0] ?? 0) }, () => salt)), salt.length);
  for (let round = 0; round < rounds; round++) {
    const odd = (round & 1) === 1;
    const parts: Uint8Array[] = [odd ? p : digest];
    if (round % 3 !== 0) parts.push(s);
    if (round % 7 !== 0) parts.push(p);
    parts.push(odd ? digest : p);
    digest = sha512(...parts);
    if (round % stretch === stretch - 1) await breathe();
  }
  p.fill(0);
  return `$6$${explicit ? `rounds=${rounds}$` : ''}${salt.toString('latin1')}$${encode(digest)}`;
}

function firstDigest(key: Uint8Array, salt: Uint8Array): Buffer {
  const b = sha512(key, salt, key);
  const parts: Uint8Array[] = [key, salt, stretchTo(b, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push((bits & 1) === 1 ? b : key);
  return sha512(...parts);
}

/** The bytes over and over, up to a length. */
function stretchTo(bytes: Buffer, length: number): Buffer {
  return Buffer.concat(Array.from({ length: Math.ceil(length / bytes.length) }, () => bytes)).subarray(0, length);
}

/** The reference's own order of bytes, three at a time, lowest six bits first. */
function encode(digest: Buffer): string {
  let text = '';
  let [a, b, c] = [0, 21, 42];
  const six = (value: number, count: number): void => {
    for (let n = 0; n < count; n++) text += alphabet[(value >> (6 * n)) & 63];
  };
  for (let group = 0; group < 21; group++) {
    six(((digest[a] ?? 0) << 16) | ((digest[b] ?? 0) << 8) | (digest[c] ?? 0), 4);
    [a, b, c] = [b + 1, c + 1, a + 1];
  }
  six(digest[63] ?? 0, 2);
  return text;
}
