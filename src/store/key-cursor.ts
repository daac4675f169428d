// A cursor that is the key of the last row read: a number of ours, or a refusal that says so.
import { Problem } from '../domain/problem.ts';

/** Null for the first page. 18 digits are less than the largest key there can be. */
export function keyCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  if (/^\d{1,18}$/.test(cursor)) return cursor;
  throw noCursor();
}

export function noCursor(): Problem {
  return new Problem('usage', {
    place: 'cursor',
    message: 'this cursor is not one of ours',
    hint: 'pass the cursor of the previous page unchanged, or leave it out',
  });
}
