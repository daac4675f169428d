// Codes, session secrets and tokens: 128 bits or more of chance, kept as SHA-256 only. Finding one by its hash leaves nothing to time.
import { createHash, randomBytes } from 'node:crypto';

const tokenPrefix = 'rekey_';

export const newSessionSecret = (): string => randomBytes(32).toString('base64url');
export const newToken = (): string => `${tokenPrefix}${randomBytes(32).toString('base64url')}`;
export const looksLikeToken = (text: string): boolean => /^rekey_[A-Za-z0-9_-]{43}$/.test(text);

export function hashOf(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest();
}

/** Told to the page of a session and to nobody else: no other site can read it, and it says nothing of the cookie. */
export function csrfOf(sessionSecret: string): string {
  return createHash('sha256').update(`csrf ${sessionSecret}`).digest('base64url');
}

/** Without I, L, O, U: a code is read aloud and typed. 25 of 32 letters are 125 bits. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export function newCode(): string {
  const letters = Array.from(randomBytes(25), (b) => alphabet[b & 31]).join('');
  return letters.replaceAll(/(.{5})(?=.)/g, '$1-');
}

/** What a person typed, as `newCode` makes it. */
export function codeTyped(typed: string): string {
  const letters = typed
    .toUpperCase()
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
    .replaceAll(/[^0-9A-Z]/g, '');
  return letters.replaceAll(/(.{5})(?=.)/g, '$1-');
}
