// The SCRAM-SHA-256 verifier of a secret, made here so that the secret itself never reaches the server, its log or its WAL.
import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import type { Secret } from '../../kit/kit.ts';

/** Servers before 16 have no setting for it. */
export const defaultIterations = 4096;

/**
 * SASLprep leaves printable ASCII as it is; for anything else server and clients disagree, so it is not offered.
 * RFC 5802 §3: SaltedPassword → ClientKey, StoredKey, ServerKey.
 */
export function isPlain(secret: Secret): boolean {
  return secret.use((bytes) => bytes.length > 0 && bytes.every((byte) => byte >= 0x20 && byte <= 0x7e));
}

export async function verifierOf(secret: Secret, iterations: number, salt: Uint8Array = randomBytes(16)): Promise<string> {
  const salted = await saltedPassword(secret, salt, iterations);
  const clientKey = hmac(salted, 'Client Key');
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = hmac(salted, 'Server Key').toString('base64');
  salted.fill(0);
  clientKey.fill(0);
  return `SCRAM-SHA-256$${iterations}:${Buffer.from(salt).toString('base64')}$${storedKey}:${serverKey}`;
}

/** On the thread pool, which copies the bytes before the callback returns: pbkdf2Sync would stop every other account's work for milliseconds. */
function saltedPassword(secret: Secret, salt: Uint8Array, iterations: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    secret.use((bytes) => pbkdf2(bytes, salt, iterations, 32, 'sha256', (error, key) => (error === null ? resolve(key) : reject(error))));
  });
}

const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();
