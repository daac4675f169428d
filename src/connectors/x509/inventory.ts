// The names a CA has issued certificates to, sorted, a page at a time: the cursor is the last name.
import { type Capabilities, done, type Found } from '../../kit/kit.ts';
import type { Authority } from './authority.ts';
import { type Issued, isLive } from './issued.ts';

export function inventory(authority: Authority): Capabilities['inventory'] {
  return {
    async page({ cursor, limit }) {
      const issued = await authority.issued();
      if (issued.kind !== 'done') return issued;
      const now = authority.io.now();
      const byName = new Map<string, Issued[]>();
      for (const each of issued.value) if (isLive(each, now)) byName.set(each.name, [...(byName.get(each.name) ?? []), each]);
      const names = [...byName.keys()].sort().filter((name) => cursor === undefined || name > cursor);
      const items = names.slice(0, limit).map((name) => foundOf(name, byName.get(name) ?? [], authority.settings.kind));
      const last = items.at(-1)?.name;
      return done({ items, ...(names.length > limit && last !== undefined ? { next: last } : {}) });
    },
  };
}

function foundOf(name: string, live: readonly Issued[], kind: Found['kind']): Found {
  const created = live.flatMap(({ createdAt }) => createdAt ?? []).sort((a, b) => b.getTime() - a.getTime())[0];
  const ends = live.flatMap(({ expiresAt }) => expiresAt ?? []).sort((a, b) => a.getTime() - b.getTime())[0];
  return {
    id: name,
    name,
    kind,
    enabled: true,
    privileged: false,
    ...(created === undefined ? {} : { changedAt: created }),
    facts: { certificates: live.map(({ serial }) => serial), ...(ends === undefined ? {} : { firstEnds: ends.toISOString() }) },
  };
}
