// Which account Rekey itself works with: it is never reset, never blocked, and the inventory says so.
import { done, type Outcome } from '../../kit/kit.ts';
import { and, equal, type Filter, or } from '../../protocols/ldap/filter.ts';
import { firstOf } from '../../protocols/ldap/message.ts';
import type { Domain } from './domain.ts';
import { guidText } from './identity.ts';

export class Own {
  readonly #domain: Domain;
  #found: Promise<Outcome<string | undefined>> | undefined;

  constructor(domain: Domain) {
    this.#domain = domain;
  }

  async is(guid: string): Promise<boolean> {
    return (await this.guid()) === guid;
  }

  /** `undefined`: it is no account of this domain. A directory that did not answer is asked again. */
  async guid(): Promise<string | undefined> {
    this.#found ??= this.#find();
    const found = await this.#found;
    if (found.kind !== 'done') this.#found = undefined;
    return found.kind === 'done' ? found.value : undefined;
  }

  async #find(): Promise<Outcome<string | undefined>> {
    const pdc = await this.#domain.pdc();
    if (pdc.kind !== 'done') return pdc;
    const root = await this.#domain.root(pdc.value);
    if (root.kind !== 'done') return root;
    const { user } = this.#domain.settings.bind;
    const attributes = ['objectGUID', 'userPrincipalName'];
    const search = { base: root.value.domain, scope: 'sub', filter: filterFor(user), attributes } as const;
    const found = await this.#domain.search(pdc.value, search);
    if (found.kind !== 'done') return found;
    // A login name that somebody gave out explicitly goes before the implicit one of another account.
    const named = found.value.find((entry) => firstOf(entry, 'userPrincipalName')?.toLowerCase() === user.toLowerCase());
    const bytes = (named ?? found.value[0])?.values.get('objectguid')?.[0];
    return done(bytes === undefined ? undefined : guidText(bytes));
  }
}

/** The three forms a login may take: DOMAIN\name, name@domain (explicit, or the implicit one of every account), DN. */
export function filterFor(user: string): Filter {
  const users = equal('objectClass', 'user');
  const backslash = user.indexOf('\\');
  if (backslash >= 0) return and(users, equal('sAMAccountName', user.slice(backslash + 1)));
  if (!user.includes('@')) return equal('distinguishedName', user);
  return and(users, or(equal('userPrincipalName', user), equal('sAMAccountName', user.slice(0, user.indexOf('@')))));
}
