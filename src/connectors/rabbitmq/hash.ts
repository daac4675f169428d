// The broker's salted password hash, made here, so that the secret itself never reaches it: base64 of salt(4) and SHA-256(salt, secret).
import { createHash, randomBytes } from 'node:crypto';
import type { Secret } from '../../kit/kit.ts';

/** The name under which every version since 3.6 knows it; it is also what the broker itself takes by default. */
export const algorithm = 'rabbit_password_hashing_sha256';

export const hashOf = (secret: Secret, salt: Uint8Array = randomBytes(4)): string =>
  Buffer.concat([salt, digest(secret, salt)]).toString('base64');

const digest = (secret: Secret, salt: Uint8Array): Buffer =>
  secret.use((bytes) => createHash('sha256').update(salt).update(bytes).digest());
