// Reads the accounts page by page. A walk interrupted by a restart goes on behind the last entry seen, or starts over: nothing is skipped.
import { randomUUID } from 'node:crypto';
import { done, type Facts, type Found, type Outcome, type Page, refused } from '../../kit/kit.ts';
import { leafOf, normalDn } from '../../protocols/ldap/dn.ts';
import { equal, type Filter, matches, or, present, typesOf } from '../../protocols/ldap/filter.ts';
import { parseFilter } from '../../protocols/ldap/filter-text.ts';
import type { Link } from '../../protocols/ldap/link.ts';
import { type Entry, firstOf, pagedControl, pagedCookie, type Search, searchRequest, valuesOf } from '../../protocols/ldap/message.ts';
import { lostOutcome } from '../../protocols/ldap/search.ts';
import { changedAtOf, idOf, isAdminLocked, kindOf } from './account.ts';
import type { Directory } from './directory.ts';
import { isNetscape, mustChangeIn } from './netscape.ts';
import { readOutcome } from './outcomes.ts';

/** Secrets a change of userPassword does not touch. Only their names are read, never their values. */
export const otherSecrets = [
  'sshPublicKey',
  'userCertificate',
  'userPKCS12',
  'authPassword',
  'sambaNTPassword',
  'sambaLMPassword',
  'krbPrincipalKey',
  'krb5Key',
  'cmusaslsecretOTP',
  'oathSecret',
  'ipatokenOTPkey',
] as const;

const accountClasses = ['person', 'account', 'simpleSecurityObject', 'posixAccount', 'applicationProcess'];
export const defaultFilter: Filter = or(...accountClasses.map((name) => equal('objectClass', name)), present('userPassword'));

const inventoryAttributes = [
  ...['entryUUID', 'nsUniqueId', 'objectClass', 'owner', 'manager', 'seeAlso', 'memberOf', 'uidNumber', 'mail', 'employeeNumber'],
  ...[
    'pwdChangedTime',
    'pwdAccountLockedTime',
    'pwdReset',
    'pwdPolicySubentry',
    'nsAccountLock',
    'createTimestamp',
    'authTimestamp',
    'pwdLastSuccess',
    'pwdUpdateTime',
    'passwordExpirationTime',
  ],
];

/** `walk` names the connection whose paging state the cookie belongs to: servers bind one to the other. */
type Cursor = { readonly walk: string; readonly cookie: string; readonly last: string };
type Walk = { readonly id: string; readonly link: Link; cookie: Buffer; last: string; readonly hasSecrets: boolean };

/** While a resumed walk looks for its place it reads nothing but ids. */
const seekPage = 1_000;
/** OpenLDAP closes a connection with more than conn_max_pending_auth (1000) requests waiting; this is as fast. */
const inFlight = 64;
const privilegedGroup = /(^|[-_ ])(domain )?(admins?|administrators?|root|wheel|sudo(ers)?|operators?|superusers?)($|[-_ ])/i;

export class Inventory {
  readonly #directory: Directory;
  readonly #filter: Filter;
  readonly #people: Filter | undefined;
  readonly #service: Filter | undefined;
  readonly #attributes: readonly string[];
  #walk: Walk | undefined;

  constructor(directory: Directory) {
    const { filter, peopleFilter, serviceFilter } = directory.settings;
    this.#directory = directory;
    this.#filter = filter === undefined ? defaultFilter : parseFilter(filter);
    this.#people = peopleFilter === undefined ? undefined : parseFilter(peopleFilter);
    this.#service = serviceFilter === undefined ? undefined : parseFilter(serviceFilter);
    const asked = [this.#people, this.#service].flatMap((each) => (each === undefined ? [] : typesOf(each)));
    this.#attributes = [...new Set([...inventoryAttributes, ...asked])].filter(
      (name) => !(otherSecrets as readonly string[]).includes(name),
    );
  }

  async page(query: { readonly cursor?: string; readonly limit: number }): Promise<Outcome<Page<Found>>> {
    const cursor = query.cursor === undefined ? undefined : parseCursor(query.cursor);
    if (query.cursor !== undefined && cursor === undefined)
      return refused('protocol', 'The cursor is not one of this connector: start the discovery again.');
    try {
      const ready = await this.#walkAt(cursor);
      if (ready.kind !== 'done') return ready;
      return await this.#next(ready.value, query.limit);
    } catch (error) {
      this.close();
      const lost = lostOutcome(error, this.#directory.primary.url);
      return lost.kind === 'indeterminate' ? { kind: 'refused', fault: lost.fault } : lost;
    }
  }

  close(): void {
    this.#walk?.link.close();
    this.#walk = undefined;
  }

  async #walkAt(cursor: Cursor | undefined): Promise<Outcome<Walk>> {
    const running = this.#walk;
    if (
      cursor !== undefined &&
      running?.link.usable &&
      running.id === cursor.walk &&
      running.cookie.toString('base64url') === cursor.cookie
    )
      return done(running);
    const walk = await this.#begin();
    return cursor === undefined ? done(walk) : this.#seek(walk, cursor.last);
  }

  async #begin(): Promise<Walk> {
    this.close();
    const { base } = this.#directory.settings;
    const filter = or(...otherSecrets.map(present));
    const any = await this.#directory.search(this.#directory.primary, { base, scope: 'sub', filter, attributes: ['1.1'], sizeLimit: 1 });
    const hasSecrets = any.kind !== 'done' || any.value.length > 0;
    const link = await this.#directory.primary.bound.dedicated();
    this.#walk = { id: randomUUID(), link, cookie: Buffer.alloc(0), last: '', hasSecrets };
    return this.#walk;
  }

  /**
   * Goes to the entry behind `last`. Where it is gone the walk starts over: seeing an account twice is harmless, missing one is not.
   * The page that holds `last` is delivered again from its start, for the same reason.
   */
  async #seek(walk: Walk, last: string): Promise<Outcome<Walk>> {
    const seek = {
      base: this.#directory.settings.base,
      scope: 'sub',
      filter: this.#filter,
      attributes: ['entryUUID', 'nsUniqueId'],
    } as const;
    for (let pages = 0; ; pages++) {
      const answer = await walk.link.request(searchRequest(seek), [pagedControl(seekPage, walk.cookie)]);
      if (answer.code !== 0) return readOutcome(answer);
      walk.cookie = pagedCookie(answer);
      const isHere = answer.entries.some((entry) => idOf(entry) === last);
      if (isHere && idOf(answer.entries[answer.entries.length - 1] as Entry) === last && walk.cookie.length > 0) return done(walk);
      if (!isHere && walk.cookie.length > 0) continue;
      const fresh = await this.#begin();
      return isHere ? this.#skip(fresh, seek, pages) : done(fresh);
    }
  }

  async #skip(walk: Walk, seek: Search, pages: number): Promise<Outcome<Walk>> {
    for (let n = 0; n < pages; n++) {
      const answer = await walk.link.request(searchRequest(seek), [pagedControl(seekPage, walk.cookie)]);
      if (answer.code !== 0) return readOutcome(answer);
      walk.cookie = pagedCookie(answer);
    }
    return done(walk);
  }

  async #next(walk: Walk, limit: number): Promise<Outcome<Page<Found>>> {
    const search = { base: this.#directory.settings.base, scope: 'sub', filter: this.#filter, attributes: this.#attributes } as const;
    const answer = await walk.link.request(searchRequest(search), [pagedControl(limit, walk.cookie)]);
    if (answer.code !== 0) return readOutcome(answer);
    return done(await this.#page(walk, answer.entries, pagedCookie(answer)));
  }

  async #page(walk: Walk, entries: readonly Entry[], cookie: Buffer): Promise<Page<Found>> {
    const names = walk.hasSecrets ? await this.#secretNames(entries) : [];
    const items = entries.map((entry, n) => this.#found(entry, names[n] ?? []));
    walk.cookie = cookie;
    walk.last = items[items.length - 1]?.id ?? walk.last;
    if (cookie.length > 0) return { items, next: cursorText({ walk: walk.id, cookie: cookie.toString('base64url'), last: walk.last }) };
    this.close();
    return { items };
  }

  /** One look per entry: a search gives names without values for all its attributes or for none. */
  async #secretNames(entries: readonly Entry[]): Promise<readonly (readonly string[])[]> {
    const link = await this.#directory.primary.bound.link();
    const look = async ({ dn }: Entry) => {
      const search = { base: dn, scope: 'base', filter: present('objectClass'), attributes: otherSecrets, typesOnly: true } as const;
      const answer = await link.request(searchRequest(search));
      const [entry] = answer.entries;
      const shown = new Set([...(entry?.values.keys() ?? [])].map((name) => name.split(';')[0]));
      return otherSecrets.filter((name) => shown.has(name.toLowerCase()));
    };
    const names: (readonly string[])[] = [];
    for (let at = 0; at < entries.length; at += inFlight) names.push(...(await Promise.all(entries.slice(at, at + inFlight).map(look))));
    return names;
  }

  #found(entry: Entry, secrets: readonly string[]): Found {
    const leaf = leafOf(entry.dn);
    const read = (type: string) => valuesOf(entry, type);
    const changedAt = changedAtOf(entry);
    const owner = firstOf(entry, 'owner') ?? firstOf(entry, 'manager') ?? firstOf(entry, 'seeAlso');
    const self = normalDn(entry.dn) === this.#directory.ownDn;
    const kind =
      this.#people !== undefined && matches(this.#people, read)
        ? 'human'
        : this.#service !== undefined && matches(this.#service, read)
          ? 'service'
          : kindOf(read('objectClass'));
    const privileged =
      self || firstOf(entry, 'uidNumber') === '0' || read('memberOf').some((dn) => privilegedGroup.test(leafOf(dn)?.login ?? ''));
    return {
      id: idOf(entry),
      name: leaf?.name ?? entry.dn,
      locator: entry.dn,
      kind,
      enabled: !isAdminLocked(entry),
      privileged,
      facts: factsOf(entry, secrets, self),
      ...(leaf === undefined ? {} : { login: leaf.login }),
      ...(owner === undefined ? {} : { owner }),
      ...(changedAt === undefined ? {} : { changedAt }),
    };
  }
}

function factsOf(entry: Entry, secrets: readonly string[], self: boolean): Facts {
  const shown = ['pwdPolicySubentry', 'mail', 'employeeNumber', 'createTimestamp', 'authTimestamp', 'pwdLastSuccess'] as const;
  const facts: Record<string, string | boolean | readonly string[]> = {};
  for (const name of shown) {
    const value = firstOf(entry, name);
    if (value !== undefined) facts[name] = value;
  }
  if (isNetscape(entry) ? mustChangeIn(entry) : firstOf(entry, 'pwdReset') === 'TRUE') facts.mustChange = true;
  if (secrets.length > 0) facts.otherSecrets = secrets;
  if (self) facts.own = true;
  return facts;
}

const cursorText = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');

function parseCursor(value: string): Cursor | undefined {
  try {
    const read: unknown = JSON.parse(Buffer.from(value, 'base64url').toString('utf8'));
    const { walk, cookie, last } = read as Record<string, unknown>;
    return typeof walk === 'string' && typeof cookie === 'string' && typeof last === 'string' ? { walk, cookie, last } : undefined;
  } catch {
    return undefined;
  }
}
