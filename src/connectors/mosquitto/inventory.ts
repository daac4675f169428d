// The users of the password file, by name: a page that is read again after a crash shows the same users. No hash is ever read into facts.

import type { Kind } from '../../domain/account.ts';
import { type Capabilities, done, type Found } from '../../kit/kit.ts';
import { scopeOf } from '../../kit/scope.ts';
import { readText } from '../../protocols/password-file/replace-file.ts';
import type { Config } from './config.ts';
import { kindOfHash, linesOf } from './password-file.ts';

export function inventory(settings: Config, file: string): Capabilities['inventory'] {
  const taken = scopeOf(settings);
  return {
    async page({ cursor, limit }) {
      const text = await readText(file);
      if (text.kind !== 'done') return text;
      const hashes = new Map<string, string[]>();
      for (const { user, hash } of linesOf(text.value)) {
        const name = Buffer.from(user, 'latin1').toString('utf8');
        if (taken(name)) hashes.set(name, [...(hashes.get(name) ?? []), hash]);
      }
      const page = [...hashes]
        .filter(([name]) => cursor === undefined || name > cursor)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, limit);
      const items = page.map(([name, lines]) => found(name, lines));
      const last = page.at(-1);
      return done(page.length < limit || last === undefined ? { items } : { items, next: last[0] });
    },
  };
}

function found(name: string, lines: readonly string[]): Found {
  const hash = kindOfHash(lines.at(-1) ?? '');
  return {
    id: name,
    name,
    kind: kindOf(name),
    // The broker leaves out an entry it cannot read.
    enabled: hash !== 'unreadable',
    privileged: false,
    // Of several lines of one user the broker takes the last; a reset leaves one.
    facts: { hash, lines: lines.length },
  };
}

/** Users of a message broker are devices and programs unless the name is a person's. `owners.csv` puts a wrong guess right. */
export function kindOf(name: string): Kind {
  return /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(name) || /^[a-z]{2,}\.[a-z]{2,}$/i.test(name) ? 'human' : 'service';
}
