// The contract suite on a real 389 Directory Server: the same rows as on OpenLDAP, under its own names for locks, policies and connections.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'ldapts';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type DirectoryServer, startDirectoryServer } from '../../lab/directory-server.ts';
import { freePort, sleep } from '../../lab/process.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { ldap } from '../../src/connectors/ldap/ldap.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { contractRows } from '../contract/connector.ts';
import { accountsOf, openLdap, refOf } from './ldap-open.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-contract-389-'));
let lab: DirectoryServer;
let refs: Awaited<ReturnType<typeof accountsOf>>;
let next = 0;

beforeAll(async () => {
  lab = await startDirectoryServer({ dir: join(folder, 'main'), people: 60 });
  const reader = await openLdap(lab);
  refs = await accountsOf(reader);
  await reader[Symbol.asyncDispose]();
});
afterAll(async () => {
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function binds(dn: string, text: string): Promise<boolean> {
  const client = new Client({ url: lab.url });
  try {
    await client.bind(dn, text);
    return true;
  } catch {
    return false;
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

/** Every row gets an account of its own. */
async function rig(
  bench: Bench,
  around: (dn: string, old: string) => Promise<{ readonly url?: string; readonly extra?: Partial<Rig> }> = async () => ({}),
): Promise<Rig> {
  const uid = lab.people[next++] as string; // more people than rows
  const [dn, old] = [lab.dn(uid), lab.initialPassword(uid)];
  const { url = lab.ldapsUrl, extra = {} } = await around(dn, old);
  const settings = ldap.config.parse({ url, ca: lab.ca, base: lab.base, bind: { dn: lab.bindDn, password: { env: 'LAB_BIND' } } });
  const connection = await ldap.open(settings, { ...bench.io('lab'), resolve: async () => secretOf('bind', lab.bindPassword) });
  return { connection, account: refOf(refs, uid), old, accepts: (text) => binds(dn, text), ...extra };
}

/** Without TLS the password arrives in a replace: of all requests the one with this attribute and no object class. */
const isReplace = (chunk: Buffer): boolean => chunk.includes('userPassword') && !chunk.includes('objectClass');
const through =
  (arm: (proxy: Swallow) => void) =>
  (bench: Bench): Promise<Rig> =>
    rig(bench, async () => {
      const proxy = await startSwallow({ target: { host: '127.0.0.1', port: Number(new URL(lab.url).port) } });
      arm(proxy);
      return { url: `ldap://127.0.0.1:${proxy.port}`, extra: { close: () => proxy.stop() } };
    });

const change = (dn: string, ...lines: readonly string[]) => lab.asRoot(`dn: ${dn}\nchangetype: modify\n${lines.join('\n')}\n`);
const minLength = (length: number) => change('cn=config', 'replace: passwordMinLength', `passwordMinLength: ${length}`);

const fixture: ContractFixture = {
  connector: ldap,
  badConfig: { config: { url: 'http://x', base: 'dc=lab', bind: { dn: 'cn=x', password: { env: 'X' } } }, field: 'url' },
  situations: {
    plain: (bench) => rig(bench),
    'reply-lost': through((proxy) => proxy.swallowReplies(isReplace)),
    'request-lost': through((proxy) => proxy.loseRequests(isReplace)),
    slow: through((proxy) => proxy.swallowReplies(isReplace, { sees: 'hang' })),
    unreachable: (bench) => rig(bench, async () => ({ url: `ldap://127.0.0.1:${await freePort()}` })),
    policy: (bench) =>
      rig(bench, async () => {
        minLength(60);
        return { extra: { close: async () => minLength(12) } };
      }),
    lockable: (bench) => rig(bench),
    'second-value': (bench) =>
      rig(bench, async (dn, old) => ({ extra: { happen: () => change(dn, 'add: userPassword', `userPassword: ${old}`) } })),
    // A backup of the entry comes back, past the directory's own rules.
    resurrecting: (bench) =>
      rig(bench, async (dn, old) => ({
        extra: {
          happen: async () => {
            change(dn, 'replace: userPassword', `userPassword: ${old}`);
            await sleep(300); // looks at one entry within a quarter of a second are one read
          },
        },
      })),
    sessions: (bench) =>
      rig(bench, async (dn, old) => {
        const client = new Client({ url: lab.url });
        await client.bind(dn, old);
        await sleep(1100); // cn=monitor tells the start of a connection in whole seconds
        return { extra: { close: () => client.unbind().catch(() => undefined) } };
      }),
  },
};

describe('ldap on 389 Directory Server', () => {
  for (const row of contractRows(fixture))
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
});
