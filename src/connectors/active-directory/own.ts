// Which account Rekey itself works with: it is never reset, never blocked, and the inventory says so.
import { and, equal, type Filter, or } from '../../protocols/ldap/filter.ts';
import type { Domain } from './domain.ts';
import { guidText } from './identity.ts';

export class Own {
  readonly #domain: Domain;
  #guid: Promise<string | undefined> | undefined;

  constructor(domain: Domain) {
    this.#domain = domain;
  }

  async is(guid: string): Promise<boolean> {
    return (await this.guid()) === guid;
  }

  /** `undefined`: it is no account of this domain, or was not found. Looked up once it is known. */
  guid(): Promise<string | undefined> {
    this.#guid ??= this.#find().then((found) => {
      if (found === undefined) this.#guid = undefined;
      return found;
    });
    return this.#guid;
  }

  async #find(): Promise<string | undefined> {
    const pdc = await this.#domain.pdc();
    if (pdc.kind !== 'done') return undefined;
    const root = await this.#domain.root(pdc.value);
    if (root.kind !== 'done') return undefined;
    const search = {
      base: root.value.domain,
      scope: 'sub',
      filter: filterFor(this.#domain.settings.bind.user),
      attributes: ['objectGUID'],
    } as const;
    const found = await this.#domain.search(pdc.value, search);
    const bytes = found.kind === 'done' && found.value.length === 1 ? found.value[0]?.values.get('objectguid')?.[0] : undefined;
    return bytes === undefined ? undefined : guidText(bytes);
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
