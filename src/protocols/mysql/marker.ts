// A mark of what an account stores, equal on every server that holds the same, and of no use to anybody who guesses passwords.
import { createHmac, randomBytes } from 'node:crypto';

/** These hashes have no salt: without a key, a hash of a hash would be as good as the password of a person. The key lives as long as this process. */
const key = randomBytes(32);

export function markerOf(stored: unknown): string {
  return createHmac('sha256', key).update(JSON.stringify(stored)).digest('hex').slice(0, 32);
}
