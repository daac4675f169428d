// A reset in a directory, proved through every door of the estate file: the directory itself, a VPN's RADIUS server, and a second LDAP address.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Freeradius, startFreeradius } from '../../lab/freeradius.ts';
import { freePort } from '../../lab/process.ts';
import { type Slapd, startSlapd } from '../../lab/slapd.ts';
import { ldap } from '../../src/connectors/ldap/ldap.ts';
import { ldapBind } from '../../src/connectors/ldap-bind/ldap-bind.ts';
import { radius } from '../../src/connectors/radius/radius.ts';
import type { Estate } from '../../src/estate/estate.ts';
import type { AccountRef } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { SpentBudget } from '../../src/verify/budget.ts';
import { verifyItem } from '../../src/verify/verify-item.ts';
import { type AnyConnector, Connections, type OpenSystem } from '../../src/wire/connections.ts';
import { accountsOf, doneOf } from './ldap-open.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-lab-doors-'));
let lab: Slapd;
let vpn: Freeradius;
/** Has a copy of the first password of its own, which no reset in the directory reaches. */
let copying: Freeradius;

beforeAll(async () => {
  lab = await startSlapd({ dir: join(folder, 'slapd'), people: 8, services: 0, ppolicy: { maxFailure: 6 } });
  const behind = { url: lab.url, bindDn: lab.bindDn, bindPassword: lab.bindPassword, base: `ou=people,${lab.base}` };
  vpn = await startFreeradius({ dir: join(folder, 'vpn'), mark: 'wrong password', ldap: behind });
  const uid = lab.people.uid(2);
  copying = await startFreeradius({ dir: join(folder, 'copying'), mark: 'wrong password', users: { [uid]: lab.initialPassword(uid) } });
});
afterAll(async () => {
  await copying?.stop();
  await vpn?.stop();
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const door = (id: string, server: Pick<Freeradius, 'host' | 'port'>) => ({
  id,
  probe: 'radius',
  config: {
    servers: [{ host: server.host, port: server.port }],
    secret: { env: id.toUpperCase() },
    confirm: { replyMessage: 'wrong password' },
  },
});

/** Resets the n-th person and proves it through the directory and these doors: path, verdict and code of each cell. */
async function proved(n: number, paths: readonly object[]): Promise<readonly (readonly string[])[]> {
  const bind = { dn: lab.bindDn, password: { env: 'BIND' } };
  const config = { url: lab.ldapsUrl, ca: lab.ca, base: lab.base, bind };
  const system = { id: 'corp', connector: 'ldap', tier: 1, config, limits: { timeoutMs: 2000 }, password: {}, paths, specHash: '' };
  const estate = { folder, systems: [system] } as unknown as Estate; // all that opening a system reads
  const registry = { ldap: async () => ldap, radius: async () => radius, 'ldap-bind': async () => ldapBind };
  const connections = new Connections(estate, registry as unknown as Record<string, () => Promise<AnyConnector>>, {
    BIND: lab.bindPassword,
    VPN: vpn.shared,
    COPY: copying.shared,
  });
  try {
    const open = await connections.open('corp');
    const account = await accountNamed(open, lab.people.uid(n));
    const fresh = secretOf('v1', 'New-Pass-4711-xyz-long');
    const changedAfter = new Date();
    doneOf(await (open.connection.setSecret as NonNullable<typeof open.connection.setSecret>).set(account, fresh));
    const { cells } = await verifyItem({
      account,
      connection: open.connection,
      paths: await open.paths(),
      fresh,
      olds: [secretOf('v0', lab.initialPassword(lab.people.uid(n)))],
      nonsense: secretOf('nonsense', 'cnry-Never-Set-9f3c'),
      changedAfter,
      spent: new SpentBudget(1_000_000, () => performance.now()),
      canaryProved: () => false,
      now: () => new Date(),
      pace: { probe: (probe) => probe(), read: (read) => read() },
    });
    return cells.map(({ path, verdict, code }) => [path, verdict, code]);
  } finally {
    await connections.close();
  }
}

async function accountNamed({ connection }: OpenSystem, uid: string): Promise<AccountRef> {
  const accounts = await accountsOf(connection as Parameters<typeof accountsOf>[0]); // the directory has an inventory
  const { id, name, locator = '', login = '' } = accounts.get(uid) as NonNullable<ReturnType<typeof accounts.get>>;
  return { system: 'corp', id, name, locator, login };
}

test('a reset is proved through every door: new accepted, nonsense and old refused as credentials', async () => {
  const mirror = { id: 'mirror', probe: 'ldap-bind', config: { servers: [lab.url] } };
  expect(await proved(1, [door('vpn', vpn), mirror])).toEqual([
    ['bind', 'proved', '49'],
    ['vpn', 'proved', 'Access-Reject'],
    ['mirror', 'proved', '49'],
  ]);
});

test('a RADIUS server with a copy of its own is found: the reset did not reach it', async () => {
  const [own, copy] = await proved(2, [door('copy', copying)]);
  expect(own).toEqual(['bind', 'proved', '49']);
  expect(copy?.slice(0, 2)).toEqual(['copy', 'not-proved']);
  expect(copy?.[2]).toContain('the new secret was not accepted');
});

test('a RADIUS server that is down leaves its door unproved, and the others proved', async () => {
  const [own, down] = await proved(3, [door('vpn', { host: '127.0.0.1', port: await freePort() })]);
  expect(own).toEqual(['bind', 'proved', '49']);
  expect(down?.slice(0, 2)).toEqual(['vpn', 'not-proved']);
});
