// How a value of the estate file may appear in an error: shortened, on one line, and not at all when it may be a secret.

/** `readable` false: texts are named, not shown. */
export function shown(value: unknown, readable: boolean): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a block of keys';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || !readable) return 'a text';
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}

export function soundsSecret(key: PropertyKey | undefined): boolean {
  return /pass|secret|token|key|cred|pin$/i.test(String(key ?? ''));
}
