// JSON pointers (RFC 6901) into an answer, and what is read through them: a missing place is undefined, never a guess.
import { z } from 'zod';

export const pointer = z
  .string()
  .regex(/^(?:\/(?:[^~/]|~[01])*)*$/, 'a JSON pointer such as /data/items: each step begins with /, ~1 stands for / and ~0 for ~')
  .describe('JSON pointer (RFC 6901) into the answer; empty = the whole answer.');

export function at(document: unknown, path: string): unknown {
  let here = document;
  for (const step of path.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}

/** Texts and numbers as text: identifiers are either. An empty text is nothing. */
export function textAt(document: unknown, path: string): string | undefined {
  const found = at(document, path);
  if (typeof found === 'number' && Number.isFinite(found)) return String(found);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** ISO 8601, an HTTP date, or seconds or milliseconds since 1970: beyond 1e11 seconds would be the year 5138. */
export function dateAt(document: unknown, path: string): Date | undefined {
  const found = at(document, path);
  const number =
    typeof found === 'number' ? found : typeof found === 'string' && /^\d{9,13}(\.\d+)?$/.test(found) ? Number(found) : undefined;
  const ms = number !== undefined ? (number > 1e11 ? number : number * 1000) : typeof found === 'string' ? Date.parse(found) : Number.NaN;
  return Number.isFinite(ms) ? new Date(ms) : undefined;
}
