// When a key of a Secret last changed, by the API server's own record and clock.
import type { StoredSecret } from './objects.ts';

/**
 * Each manager's entry has the time of its last change of any field it holds. The latest entry that holds the key is no earlier than the key's
 * last change. Undefined: the server keeps no record (then nobody can say which pods came after it).
 */
export function writtenAt({ metadata }: StoredSecret, key: string): Date | undefined {
  const times = (metadata.managedFields ?? [])
    .filter(({ fieldsV1 }) => holds(fieldsV1, key))
    .map(({ time }) => Date.parse(time ?? ''))
    .filter((time) => !Number.isNaN(time));
  return times.length === 0 ? undefined : new Date(Math.max(...times));
}

function holds(fields: unknown, key: string): boolean {
  const own = (value: unknown, name: string): unknown =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined; // just seen
  return own(own(fields, 'f:data'), `f:${key}`) !== undefined;
}
