// Everything a twin decides by chance comes from here: the same seed gives the same estate, secrets and faults on every machine.
import { hash } from 'node:crypto';

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';

/** The secret an account of a twin holds before anybody resets it. 20 characters, three classes. */
export function initialSecret(seed: string | number, system: string, account: string): string {
  const bytes = hash('sha256', `twin secret\n${seed}\n${system}\n${account}`, 'buffer');
  let text = '';
  for (let i = 0; i < 17; i++) text += alphabet[(bytes[i] as number) % alphabet.length];
  return `${text}aQ7`;
}

/** A number in [0, 1) that belongs to these words. FNV-1a: the twin answers 50 000 calls a second and fairness needs no cryptography. */
export function chance(...words: readonly (string | number)[]): number {
  let h = 0x811c9dc5;
  const text = words.join('\n');
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  // FNV's high bits mix badly on short words: one round of murmur's finaliser.
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

/** `svc-*` → a test of names. Only * and ? are special. */
export function globTest(glob: string): (name: string) => boolean {
  const source = glob
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const pattern = new RegExp(`^${source}$`, 'u');
  return (name) => pattern.test(name);
}
