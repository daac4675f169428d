// No text gets past the door that a database cannot keep or read again: a NUL character, or half a character (a lone surrogate) in stored JSON.
import type { FastifyInstance } from 'fastify';
import { Problem } from '../domain/problem.ts';

/** Before validation, so that the refusal is the same wherever it stands. Streams are read, and refused, by who takes them. */
export function refuseBrokenText(api: FastifyInstance): void {
  api.addHook('preValidation', async ({ params, query, body }) => {
    for (const [place, value] of Object.entries({ params, querystring: query, body })) if (isBroken(value)) throw brokenText(place);
  });
}

const lone = /\p{Cs}/u;

/** With a list of its own: a body may be nested deeper than the program's stack. */
function isBroken(value: unknown): boolean {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === 'string' && (one.includes('\u0000') || lone.test(one))) return true;
    if (typeof one !== 'object' || one === null || Symbol.asyncIterator in one || one instanceof Uint8Array) continue;
    for (const [name, inner] of Object.entries(one)) left.push(name, inner);
  }
  return false;
}

function brokenText(place: string): Problem {
  return new Problem('usage', {
    place,
    message: 'a text holds a NUL character or half a character',
    hint: 'leave it out: no name, reason or id has one',
  });
}
