// Reads the domain's accounts page by page, then the Tier-0 secrets that are no accounts. A walk that lost its place starts over: nothing is skipped.
import { randomUUID } from 'node:crypto';
import { done, type Found, type Outcome, type Page, refused } from '../../kit/kit.ts';
import { and, equal, type Filter, or } from '../../protocols/ldap/filter.ts';
import { parseFilter } from '../../protocols/ldap/filter-text.ts';
import type { Link } from '../../protocols/ldap/link.ts';
import { type Entry, pagedControl, pagedCookie, searchRequest } from '../../protocols/ldap/message.ts';
import { lostOutcome } from '../../protocols/ldap/search.ts';
import { accountAttributes, accountFrom } from './account.ts';
import type { Controller, Domain } from './domain.ts';
import { factAttributes, foundFrom, keyCredentialsOf } from './found.ts';
import { mostResets, waitBetweenResetsMs } from './krbtgt.ts';
import { readOutcome } from './outcomes.ts';
import type { Own } from './own.ts';
import { tierZeroSecrets } from './tier-zero.ts';

export const defaultFilter: Filter = or(
  and(equal('objectCategory', 'person'), equal('objectClass', 'user')),
  equal('objectClass', 'computer'),
  equal('objectClass', 'trustedDomain'),
);

/** The server's paging state belongs to one connection: `walk` names it. */
type Walk = { readonly id: string; readonly link: Link; readonly controller: Controller; readonly base: string; cookie: Buffer };
type Cursor = { readonly walk: string; readonly place: string };
/** The place behind the last account: the secrets that are no accounts. */
const tierZeroPlace = 'tier-zero';

export class Inventory {
  readonly #domain: Domain;
  readonly #own: Own;
  readonly #filter: Filter;
  readonly #attributes: readonly string[];
  #walk: Walk | undefined;

  constructor(domain: Domain, own: Own) {
    const { filter } = domain.settings;
    this.#domain = domain;
    this.#own = own;
    this.#filter = filter === undefined ? defaultFilter : parseFilter(filter);
    this.#attributes = [...new Set([...accountAttributes, ...factAttributes, ...domain.kinds.types])];
  }

  async page(query: { readonly cursor?: string; readonly limit: number }): Promise<Outcome<Page<Found>>> {
    const cursor = query.cursor === undefined ? undefined : parseCursor(query.cursor);
    if (query.cursor !== undefined && cursor === undefined)
      return refused('protocol', 'The cursor is not one of this connector: start the discovery again.');
    try {
      if (cursor?.place.startsWith(tierZeroPlace))
        return await this.#tierZero(Number(cursor.place.slice(tierZeroPlace.length + 1)), query.limit);
      const walk = this.#at(cursor) ?? (await this.#begin());
      return 'kind' in walk ? walk : await this.#next(walk, query.limit);
    } catch (error) {
      this.close();
      const lost = lostOutcome(error, this.#domain.controllers[0]?.url ?? 'the domain');
      return lost.kind === 'indeterminate' ? { kind: 'refused', fault: lost.fault } : lost;
    }
  }

  close(): void {
    this.#walk?.link.close();
    this.#walk = undefined;
  }

  #at(cursor: Cursor | undefined): Walk | undefined {
    const walk = this.#walk;
    return cursor !== undefined && walk?.link.usable && walk.id === cursor.walk && walk.cookie.toString('base64url') === cursor.place
      ? walk
      : undefined;
  }

  async #begin(): Promise<Walk | Outcome<never>> {
    this.close();
    const pdc = await this.#domain.pdc();
    if (pdc.kind !== 'done') return pdc;
    const base = await this.#domain.base(pdc.value);
    if (base.kind !== 'done') return base;
    const link = await pdc.value.bound.dedicated();
    this.#walk = { id: randomUUID(), link, controller: pdc.value, base: base.value, cookie: Buffer.alloc(0) };
    return this.#walk;
  }

  async #next(walk: Walk, limit: number): Promise<Outcome<Page<Found>>> {
    const search = { base: walk.base, scope: 'sub', filter: this.#filter, attributes: this.#attributes } as const;
    const answer = await walk.link.request(searchRequest(search), [pagedControl(limit, walk.cookie)]);
    if (answer.code !== 0) return readOutcome(answer);
    walk.cookie = pagedCookie(answer);
    const own = await this.#own.guid();
    const items = answer.entries.flatMap((entry) => this.#found(entry, own));
    const place = walk.cookie.length > 0 ? walk.cookie.toString('base64url') : `${tierZeroPlace}.0`;
    const more = walk.cookie.length > 0;
    if (!more) this.close();
    if (!more && !this.#domain.settings.tierZero) return done({ items });
    return done({ items, next: cursorText({ walk: walk.id, place }) });
  }

  #found(entry: Entry, own: string | undefined): Found[] {
    const account = accountFrom(entry, this.#domain.kinds);
    if (account === undefined) return [];
    const found = foundFrom(entry, account, account.guid === own);
    const { tickets, tierZero } = this.#domain.settings;
    const shown =
      account.principal === 'krbtgt' ? { ...found, generations: { resets: mostResets, waitMs: waitBetweenResetsMs(tickets, 0) } } : found;
    const keys = tierZero ? keyCredentialsOf(entry, found) : undefined;
    return keys === undefined ? [shown] : [shown, keys];
  }

  async #tierZero(from: number, limit: number): Promise<Outcome<Page<Found>>> {
    const all = await tierZeroSecrets(this.#domain);
    if (all.kind !== 'done') return all;
    const items = all.value.slice(from, from + limit);
    const more = from + limit < all.value.length;
    return done({ items, ...(more ? { next: cursorText({ walk: '', place: `${tierZeroPlace}.${from + limit}` }) } : {}) });
  }
}

const cursorText = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');

function parseCursor(value: string): Cursor | undefined {
  try {
    const read: unknown = JSON.parse(Buffer.from(value, 'base64url').toString('utf8'));
    const { walk, place } = read as Record<string, unknown>;
    return typeof walk === 'string' && typeof place === 'string' ? { walk, place } : undefined;
  } catch {
    return undefined;
  }
}
