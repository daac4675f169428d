// Says why a secret must not stand in the estate file and what to write instead. Never repeats the value.
import type { ProblemDetail } from '../domain/problem.ts';
import type { Path } from './yaml-places.ts';

const why = 'the file is shared and versioned, so treat this value as exposed and change it';

export function inlineSecret(path: Path, value: unknown): Omit<ProblemDetail, 'place'> {
  const variable = typeof value === 'string' ? /^\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?$/.exec(value)?.[1] : undefined;
  const name = path.map(String).join('.');
  if (variable) return { message: `${name}: variables are not expanded in this file`, hint: `write {env: ${variable}}` };
  return {
    message: `${name}: expected where the secret lives, got the secret itself`,
    hint: `write {env: ${suggested(path)}}, or {file: …}, {exec: […]}, {vault: …}; ${why}`,
  };
}

/** Passwords hidden in a URL, at any depth. */
export function secretsInUrls(value: unknown, path: Path): { path: Path; detail: Omit<ProblemDetail, 'place'> }[] {
  if (typeof value === 'string') {
    if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s]*:[^/?#@\s]+@/i.test(value)) return [];
    const name = path.map(String).join('.');
    return [{ path, detail: { message: `${name}: the URL holds a password`, hint: `${remedy(path)}; ${why}` } }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inside]) => secretsInUrls(inside, [...path, key]));
}

const remedy = (path: Path): string =>
  path[0] === 'store'
    ? 'leave the password out and give it in PGPASSWORD or a .pgpass file, or give the whole URL in REKEY_DATABASE_URL'
    : "leave it out and use the connector's own setting for the password, such as {env: NAME}";

const suggested = (path: Path): string =>
  path
    .filter((step) => typeof step === 'string' && step !== 'systems' && step !== 'config')
    .map((step) =>
      String(step)
        .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
        .replaceAll(/[^A-Za-z0-9]+/g, '_')
        .toUpperCase(),
    )
    .join('_') || 'NAME_OF_VARIABLE';
