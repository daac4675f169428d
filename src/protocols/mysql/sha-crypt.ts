// SHA-256 crypt, as caching_sha2_password stores it: 5000 rounds over a salt of 20 characters. Standard crypt() stops at a salt of 16.
import { hash } from 'node:crypto';

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Which bytes of the digest go into each group of four characters; the last group is shorter. */
const groups = [
  [0, 10, 20],
  [21, 1, 11],
  [12, 22, 2],
  [3, 13, 23],
  [24, 4, 14],
  [15, 25, 5],
  [6, 16, 26],
  [27, 7, 17],
  [18, 28, 8],
  [9, 19, 29],
] as const;

/** In one call: with an object for each of the 5000 rounds it took seven times as long. */
const sha256 = (...parts: readonly Uint8Array[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');
const repeated = (block: Uint8Array, length: number): Buffer => Buffer.alloc(length, block);

/** The 43 characters after the salt. https://www.akkadia.org/drepper/SHA-crypt.txt, steps 1 to 22. */
export function shaCrypt(key: Uint8Array, salt: Uint8Array, rounds: number): string {
  const b = sha256(key, salt, key);
  const a: Uint8Array[] = [key, salt, repeated(b, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) a.push((bits & 1) === 1 ? b : key);
  let digest = sha256(...a);
  const keyed = key.length === 0 ? Buffer.alloc(0) : repeated(sha256(...Array.from({ length: key.length }, () => key)), key.length);
  const salted = repeated(sha256(...Array.from({ length: 16 + (digest[0] as number) }, () => salt)), salt.length);
  for (let round = 0; round < rounds; round++) {
    const odd = round % 2 === 1;
    const parts: Uint8Array[] = [odd ? keyed : digest];
    if (round % 3 !== 0) parts.push(salted);
    if (round % 7 !== 0) parts.push(keyed);
    parts.push(odd ? digest : keyed);
    digest = sha256(...parts);
  }
  const at = (index: number): number => digest[index] as number;
  return (
    groups.map(([high, middle, low]) => characters((at(high) << 16) | (at(middle) << 8) | at(low), 4)).join('') +
    characters((at(31) << 8) | at(30), 3)
  );
}

function characters(value: number, count: number): string {
  let text = '';
  for (let left = value, n = 0; n < count; n++, left >>= 6) text += alphabet[left & 63];
  return text;
}
