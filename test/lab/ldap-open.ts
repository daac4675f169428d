// Opens the connector on a lab directory the way the engine does, and names accounts by uid.

import type { Slapd } from '../../lab/slapd.ts';
import { ldap } from '../../src/connectors/ldap/ldap.ts';
import type { Found } from '../../src/kit/capability.ts';
import type { AccountRef } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';

export type Opened = Awaited<ReturnType<typeof ldap.open>>;
export type Reach = {
  readonly url?: string;
  readonly replicas?: readonly string[];
  readonly ca?: string;
  readonly dn?: string;
  readonly password?: string;
  readonly unreadable?: string;
};

/** OpenLDAP or another directory of the lab. */
type Lab = Pick<Slapd, 'ldapsUrl' | 'ca' | 'base' | 'bindDn' | 'bindPassword'>;

export function openLdap(lab: Lab, reach: Reach = {}, more: Record<string, unknown> = {}, timeoutMs = 3_000): Promise<Opened> {
  const settings = ldap.config.parse({
    url: reach.url ?? lab.ldapsUrl,
    replicas: reach.replicas ?? [],
    ca: reach.ca ?? lab.ca,
    base: lab.base,
    bind: { dn: reach.dn ?? lab.bindDn, password: { env: 'LAB_BIND' } },
    ...more,
  });
  return ldap.open(settings, {
    system: 'lab',
    timeoutMs,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: async () => {
      if (reach.unreadable !== undefined) throw new Error(reach.unreadable);
      return secretOf('bind', reach.password ?? lab.bindPassword);
    },
    path: (relative) => relative,
  });
}

/** Every account by login, through the connector's own pages. */
export async function accountsOf(opened: Opened, limit = 500): Promise<ReadonlyMap<string, Found>> {
  const found = new Map<string, Found>();
  let cursor: string | undefined;
  do {
    const page = await opened.inventory.page({ limit, ...(cursor === undefined ? {} : { cursor }) });
    if (page.kind !== 'done') throw new Error(page.fault.message);
    for (const item of page.value.items) found.set(item.login ?? item.name, item);
    cursor = page.value.next;
  } while (cursor !== undefined);
  return found;
}

export function refOf(accounts: ReadonlyMap<string, Found>, uid: string): AccountRef {
  const found = accounts.get(uid);
  if (found === undefined) throw new Error(`${uid} is not in the inventory`);
  const { id, name, locator } = found;
  return { system: 'lab', id, name, ...(locator === undefined ? {} : { locator }) };
}

export function doneOf<T>(outcome: { readonly kind: string; readonly value?: T; readonly fault?: { readonly message: string } }): T {
  if (outcome.kind !== 'done') throw new Error(`${outcome.kind}: ${outcome.fault?.message}`);
  return outcome.value as T;
}
