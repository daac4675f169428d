// Where the next page is, in the API's own way. An API that gives the same page again is stopped, not followed for ever.
import type { Config } from './config.ts';
import { at, textAt } from './pointer.ts';
import type { Seen } from './rules.ts';

type Accounts = NonNullable<Config['accounts']>;
type From = { readonly url?: string; readonly cursor?: string; readonly page?: number };
/** `from`: absent = the first page. `skip`: how many items of that page have been taken. `last`: the first id of the page before. */
export type Place = { readonly from?: From; readonly skip: number; readonly last?: string };

export const placeText = (place: Place): string => Buffer.from(JSON.stringify(place)).toString('base64url');

export function placeIn(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return { skip: 0 };
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const skip = at(place, '/skip');
    return typeof skip === 'number' && Number.isInteger(skip) && skip >= 0 ? (place as Place) : undefined; // written by placeText
  } catch {
    return undefined;
  }
}

/** A text is why there cannot be a next page although the API says so. */
export function nextOf(block: Accounts, place: Place, seen: Seen, items: readonly unknown[]): Place | string | undefined {
  const from = fromOf(block, place, seen, items);
  if (from === undefined) return undefined;
  const first = textAt(items[0], block.id);
  if (first !== undefined && first === place.last) return 'the API gives the same page again and again: check config.accounts.next';
  return { from, skip: 0, ...(first === undefined ? {} : { last: first }) };
}

function fromOf({ next }: Accounts, place: Place, seen: Seen, items: readonly unknown[]): From | undefined {
  if (next === undefined) return undefined;
  if (next.page !== undefined) {
    // Only an empty page is the end: an API may give fewer than it was asked for on every page.
    return items.length === 0 ? undefined : { page: (place.from?.page ?? next.page) + 1 };
  }
  if (next.cursor !== undefined) {
    const cursor = textAt(seen.json, next.cursor);
    return cursor === undefined ? undefined : { cursor };
  }
  const url = next.url === undefined ? linkedNext(seen.link) : textAt(seen.json, next.url);
  return url === undefined ? undefined : { url };
}

/** `<https://…?page=2>; rel="next"` among the links (RFC 8288). */
export function linkedNext(header: string | undefined): string | undefined {
  for (const [, url, parameters = ''] of (header ?? '').matchAll(/<([^>]*)>((?:\s*;\s*[\w*-]+(?:\s*=\s*(?:"[^"]*"|[^",;\s]*))?)*)/g)) {
    const [, quoted, bare] = /;\s*rel\s*=\s*(?:"([^"]*)"|([^",;\s]*))/i.exec(parameters) ?? [];
    if ((quoted ?? bare ?? '').toLowerCase().split(/\s+/).includes('next')) return url;
  }
  return undefined;
}
