// A store with two systems and a few accounts, for the tests of the inventory. The seal is real AES, so that sealed rows look like sealed rows.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { foundRow } from '../../src/inventory/found-row.ts';
import type { Inventory, LeakSeal, SystemRow } from '../../src/inventory/port.ts';
import { inventoryStore } from '../../src/store/inventory.ts';
import type { Store } from '../../src/store/sql.ts';

export const sampleSystems: readonly SystemRow[] = [
  { id: 'corp-ldap', connector: 'ldap', role: 'system', tier: 1, owner: null, spec: 'a', canary: null },
  { id: 'hr-db', connector: 'postgresql', role: 'system', tier: 2, owner: 'dba@example.test', spec: 'b', canary: null },
  { id: 'vault', connector: 'vault', role: 'store', tier: 3, owner: null, spec: 'c', canary: null },
];

const person = (name: string, base = 'ou=people,dc=example,dc=test') => ({
  id: `id-${name}-${base.length}`,
  name,
  login: name.replace(/^uid=/, ''),
  locator: `${name},${base}`,
  kind: 'unknown' as const,
  enabled: true,
  privileged: false,
  facts: {},
});
export const samplePeople = [
  person('uid=alice'),
  person('uid=bob'),
  person('uid=carol'),
  person('uid=svc-backup'),
  // Two of one name in different branches.
  person('uid=twin'),
  person('uid=twin', 'ou=vendors,dc=example,dc=test'),
];

export async function sampleInventory(store: Store): Promise<Inventory> {
  const inventory = inventoryStore(store);
  await inventory.systems.sync(sampleSystems);
  await inventory.discoveries.begin('corp-ldap');
  await inventory.discoveries.page('corp-ldap', samplePeople.map(foundRow), null);
  await inventory.discoveries.finish('corp-ldap', true);
  await inventory.discoveries.begin('hr-db');
  await inventory.discoveries.page('hr-db', [foundRow({ ...person('hr_app'), locator: 'role hr_app', kind: 'application' })], null);
  await inventory.discoveries.finish('hr-db', true);
  return inventory;
}

export function sampleSeal(
  store: Store,
): LeakSeal & { open(leak: { readonly version: number; readonly account: string; readonly sealed: Uint8Array }): string } {
  const key = randomBytes(32);
  let dataKey: string | undefined;
  const aad = (account: string, version: number) => Buffer.from(`${account}/leaked/${version}`);
  const open = (leak: { readonly account: string; readonly version: number; readonly sealed: Uint8Array }): string => {
    const decipher = createDecipheriv('aes-256-gcm', key, leak.sealed.subarray(0, 12));
    decipher.setAAD(aad(leak.account, leak.version)).setAuthTag(leak.sealed.subarray(12, 28));
    return Buffer.concat([decipher.update(leak.sealed.subarray(28)), decipher.final()]).toString('utf8');
  };
  return {
    open,
    seal: async (account, version, value) => {
      dataKey ??=
        (
          await store.query<{ key: string }>(
            `insert into data_key (purpose, ring, wrapped) values ('import', 'test', '\\x00') returning key::text as key`,
          )
        )[0]?.key ?? '';
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad(account, version));
      const body = Buffer.concat([cipher.update(value), cipher.final()]);
      return { dataKey, sealed: Buffer.concat([iv, cipher.getAuthTag(), body]) };
    },
    same: async (leak, value) => open(leak) === Buffer.from(value).toString('utf8'),
  };
}

export async function* bytesOf(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
}
