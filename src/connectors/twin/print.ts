// Fingerprints of the values a twin holds: the twin, its journal and its oracle never keep a value itself.
import { hash } from 'node:crypto';

const scratch = Buffer.allocUnsafe(4096);

/**
 * 48 bits of SHA-256 over seed, system, account and value: enough to tell two values of one account apart (a chance of 4e-15),
 * small enough to live in a number column.
 */
export function printOf(salt: string, account: string, value: Uint8Array): number {
  const head = scratch.write(`${salt}\n${account}\n`, 'latin1');
  if (head + value.length > scratch.length)
    return hash('sha256', Buffer.concat([scratch.subarray(0, head), value]), 'buffer').readUIntBE(0, 6);
  scratch.set(value, head);
  return hash('sha256', scratch.subarray(0, head + value.length), 'buffer').readUIntBE(0, 6);
}

export function saltOf(seed: string, system: string): string {
  return Buffer.from(`${seed}\n${system}`).toString('base64');
}
