// Accounts of the API, one page per call. A page of the API may be larger than asked for, or the whole list: then it is cut here.
import { type Capabilities, done, type Found, type Outcome, type Page, refused } from '../../kit/kit.ts';
import type { Api } from './api.ts';
import type { Config } from './config.ts';
import { nextOf, type Place, placeIn, placeText } from './paging.ts';
import { at, dateAt, textAt } from './pointer.ts';
import type { Seen } from './rules.ts';

type Accounts = NonNullable<Config['accounts']>;

export function inventory(api: Api, block: Accounts): Capabilities['inventory'] {
  const mine = api.settings.auth.account ?? api.settings.auth.basic?.user;
  return {
    async page({ cursor, limit }) {
      const place = placeIn(cursor);
      if (place === undefined) return refused('protocol', 'not a cursor of this connector');
      const read = await readPage(api, block, place, limit);
      if (read.kind !== 'done') return read;
      const items = at(read.value.json, block.items);
      if (!Array.isArray(items)) return refused('protocol', 'the answer holds no list where config.accounts.items points');
      const found = items.slice(place.skip, place.skip + limit).map((item) => foundIn(item, block, mine));
      if (found.includes(undefined)) return refused('protocol', 'an account of the list has no id or no name where the estate file says');
      const next = items.length > place.skip + limit ? { ...place, skip: place.skip + limit } : nextOf(block, place, read.value, items);
      if (typeof next === 'string') return refused('protocol', next);
      const page: Page<Found> = { items: found as Found[], ...(next === undefined ? {} : { next: placeText(next) }) }; // checked above
      return done(page);
    },
  };
}

function readPage(api: Api, block: Accounts, { from }: Place, limit: number): Promise<Outcome<Seen>> {
  if (from?.url !== undefined) return api.readAt(from.url, block);
  const param = block.next?.param;
  const first = block.next?.page === undefined ? undefined : String(block.next.page);
  const value = from?.cursor ?? (from?.page === undefined ? first : String(from.page));
  const query = param === undefined || value === undefined ? {} : { [param]: value };
  return api.read(block, { values: { limit: String(limit) }, query });
}

function foundIn(item: unknown, block: Accounts, mine: string | undefined): Found | undefined {
  const id = textAt(item, block.id);
  const name = textAt(item, block.name);
  if (id === undefined || name === undefined) return undefined;
  const optional = {
    login: block.login === undefined ? undefined : textAt(item, block.login),
    owner: block.owner === undefined ? undefined : textAt(item, block.owner),
    changedAt: block.changedAt === undefined ? undefined : dateAt(item, block.changedAt),
  };
  const facts = Object.entries(block.facts ?? {}).flatMap(([key, pointer]) => {
    const value = at(item, pointer);
    return value === undefined ? [] : [[key, value] as const];
  });
  const own = mine !== undefined && (mine === name || mine === optional.login);
  return {
    id,
    name,
    ...(optional.login === undefined || optional.login === name ? {} : { login: optional.login }),
    kind: block.kind,
    enabled: block.enabled === undefined || at(item, block.enabled.pointer) === block.enabled.equals,
    privileged: block.privileged !== undefined && at(item, block.privileged.pointer) === block.privileged.equals,
    ...(optional.owner === undefined ? {} : { owner: optional.owner }),
    ...(optional.changedAt === undefined ? {} : { changedAt: optional.changedAt }),
    // Parsed JSON is JSON.
    facts: { ...(Object.fromEntries(facts) as Found['facts']), ...(own ? { own: true } : {}) },
  };
}
