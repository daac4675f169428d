// The users of a password file, by name, page by page; a page that is read again after a crash shows the same users.
import { createHash } from 'node:crypto';
import type { Kind } from '../../domain/account.ts';
import { type Capabilities, done, type Found, type Io, type Outcome, refused } from '../../kit/kit.ts';
import { type Scope, scopeOf } from '../../kit/scope.ts';
import { bounded } from './bounded.ts';
import { asText, asWritten, type Line, linesOf } from './lines.ts';
import { readText } from './replace-file.ts';

export type User = { readonly name: string; readonly lines: readonly Line[] };

export function usersOf(text: string, scope: Scope): User[] {
  const taken = scopeOf(scope);
  const users = new Map<string, Line[]>();
  for (const line of linesOf(text)) {
    const name = asText(line.user);
    if (taken(name)) users.set(name, [...(users.get(name) ?? []), line]);
  }
  return [...users].map(([name, lines]) => ({ name, lines })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function inventory(file: string, scope: Scope, io: Io, found: (user: User) => Found): Capabilities['inventory'] {
  return {
    async page({ cursor, limit }) {
      const text = await bounded(io, () => readText(file));
      if (text.kind !== 'done') return text;
      const page = usersOf(text.value, scope)
        .filter(({ name }) => cursor === undefined || name > cursor)
        .slice(0, limit);
      const last = page.at(-1);
      const items = page.map(found);
      return done(page.length < limit || last === undefined ? { items } : { items, next: last.name });
    },
  };
}

/** All lines of one user. */
export async function linesOfUser(file: string, name: string): Promise<Outcome<readonly Line[]>> {
  const text = await readText(file);
  if (text.kind !== 'done') return text;
  const lines = linesOf(text.value).filter(({ user }) => user === asWritten(name));
  return lines.length === 0 ? refused('not-found', 'the user has no line in the password file') : done(lines);
}

/**
 * Differs after every change. A plain or unsalted entry stands for all of its kind: from a digest of it the secret could be guessed. `salted` names
 * the forms that hold a salt of their own.
 */
export function markerOf(lines: readonly Line[], salted: (hash: string) => boolean, kindOfHash: (hash: string) => string): string {
  const parts = lines.map(({ hash }) => (salted(hash) ? hash : kindOfHash(hash)));
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32);
}

/** `alice@example.test` and `alice.smith` are people unless the owners file says otherwise. */
export function kindOfName(name: string, otherwise: Kind): Kind {
  return /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(name) || /^[a-z]{2,}\.[a-z]{2,}$/i.test(name) ? 'human' : otherwise;
}
