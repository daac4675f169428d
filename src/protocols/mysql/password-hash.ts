// The hashes these servers store, computed here: the value itself never reaches a statement, a general log or a binlog.
import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../kit/kit.ts';
import { publicKey } from './ed25519.ts';
import { shaCrypt } from './sha-crypt.ts';

const sha1 = (bytes: Uint8Array): Buffer => createHash('sha1').update(bytes).digest();

/** mysql_native_password: '*' and SHA1(SHA1(password)). */
export function nativeHash(secret: Secret): string {
  return `*${secret
    .use((bytes) => sha1(sha1(bytes)))
    .toString('hex')
    .toUpperCase()}`;
}

/** MariaDB's ed25519: 43 characters of base64, without the padding. */
export function ed25519Hash(secret: Secret): string {
  return secret.use(publicKey).toString('base64').slice(0, 43);
}

const saltAlphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const saltLength = 20;
const sha2Prefix = '$A$005$';
/** The digits after $A$ count thousands of rounds. */
const rounds = 5000;

/** caching_sha2_password. A salt of printable characters (120 bits) needs no hexadecimal literal, which servers before 8.0.17 do not take here. */
export function sha2Hash(secret: Secret, salt: string = freshSalt()): string {
  return `${sha2Prefix}${salt}${secret.use((bytes) => shaCrypt(bytes, Buffer.from(salt, 'latin1'), rounds))}`;
}

/** Whether this stored hash was made of this secret; undefined for hashes of another kind. The server's own salts hold any 7-bit character. */
export function sha2Holds(stored: string, secret: Secret): boolean | undefined {
  const found = stored.match(/^\$A\$([0-9A-F]{3})\$([\s\S]{20})([./0-9A-Za-z]{43})$/);
  if (found === null) return undefined;
  const [, thousands = '', salt = '', digest = ''] = found;
  const ours = secret.use((bytes) => shaCrypt(bytes, Buffer.from(salt, 'latin1'), Number.parseInt(thousands, 16) * 1000));
  return timingSafeEqual(Buffer.from(ours), Buffer.from(digest));
}

function freshSalt(): string {
  return Array.from({ length: saltLength }, () => saltAlphabet[randomInt(saltAlphabet.length)]).join('');
}

/** What every client and server prepare alike, whatever their character sets. NUL would end the value in most of them. */
export function isPlain(secret: Secret): boolean {
  return secret.use((bytes) => bytes.length > 0 && bytes.every((byte) => byte >= 0x20 && byte <= 0x7e));
}
