// The lines of a Mosquitto password file (`user:$7$rounds$salt$hash`): one user's are replaced by one, every other byte stays.
import { pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '../../kit/kit.ts';

const derive = promisify(pbkdf2);

/**
 * As mosquitto_passwd writes them: 101 rounds, 12 bytes of salt. The broker computes them on its only thread at each login, and a secret of 128
 * random bits needs no more; a number of its own stands in each line.
 */
const rounds = 101;
const saltBytes = 12;
const hashBytes = 64;
/** A line of a foreign hand may ask for hours of computing. */
const mostRounds = 10_000_000;

type Line = { readonly user: string; readonly hash: string };

/** Comments and lines without a colon are nobody's. */
export function linesOf(text: string): Line[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const colon = line.indexOf(':');
    return colon <= 0 || line.startsWith('#') ? [] : [{ user: line.slice(0, colon), hash: line.slice(colon + 1).trimEnd() }];
  });
}

/** `undefined`: the user has no line. Where it has several, the broker takes the last: all give way to one, in the place of the first. */
export function withHash(text: string, user: string, hash: string): string | undefined {
  let placed = false;
  const kept: string[] = [];
  for (const line of text.split(/(?<=\n)/)) {
    if (line.startsWith('#') || !line.startsWith(`${user}:`)) kept.push(line);
    else if (!placed) {
      kept.push(`${user}:${hash}${/\r?\n$/.exec(line)?.[0] ?? ''}`);
      placed = true;
    }
  }
  return placed ? kept.join('') : undefined;
}

export async function hashOf(secret: Secret, salt: Uint8Array = randomBytes(saltBytes)): Promise<string> {
  const hash = await secret.use((bytes) => derive(bytes, salt, rounds, hashBytes, 'sha512'));
  return `$7$${rounds}$${Buffer.from(salt).toString('base64')}$${hash.toString('base64')}`;
}

/** False also for a form the broker does not take (it removes such an entry). */
export async function isHashOf(hash: string, secret: Secret): Promise<boolean> {
  const parts = partsOf(hash);
  if (parts === undefined) return false;
  const { salt, wanted } = parts;
  return timingSafeEqual(await secret.use((bytes) => derive(bytes, salt, parts.rounds, wanted.length, 'sha512')), wanted);
}

function partsOf(hash: string): { readonly rounds: number; readonly salt: Buffer; readonly wanted: Buffer } | undefined {
  const [, written = '', saltText = '', hashText = ''] = /^\$7\$(\d{1,9})\$([A-Za-z0-9+/]+=*)\$([A-Za-z0-9+/]+=*)$/.exec(hash) ?? [];
  const count = Number(written);
  const wanted = Buffer.from(hashText, 'base64');
  if (count < 1 || count > mostRounds || wanted.length !== hashBytes) return undefined;
  return { rounds: count, salt: Buffer.from(saltText, 'base64'), wanted };
}

type HashKind = 'pbkdf2-sha512' | 'sha512' | 'unreadable';
/** An unreadable entry opens nothing: the broker says so in its log and leaves it out. */
export const kindOfHash = (hash: string): HashKind =>
  partsOf(hash) !== undefined ? 'pbkdf2-sha512' : /^\$6\$[A-Za-z0-9+/]+=*\$[A-Za-z0-9+/]{86}==$/.test(hash) ? 'sha512' : 'unreadable';
