// Which accounts of a host belong to a system of the estate file, and in which order they are paged.
import { accountId, type PasswdLine } from './accounts.ts';

type Key = readonly [number, string];
const keyOf = (id: string): Key => [Number(id.slice(0, id.indexOf(':'))), id.slice(id.indexOf(':') + 1)];
const compare = (a: Key, b: Key): number => a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0);

/** By number and name; those after `cursor`, an account's id. */
export function inOrder(lines: readonly PasswdLine[], cursor: string | undefined): PasswdLine[] {
  return lines
    .filter((line) => cursor === undefined || compare(keyOf(accountId(line)), keyOf(cursor)) > 0)
    .sort((a, b) => compare(keyOf(accountId(a)), keyOf(accountId(b))));
}
