// The contract suite on a real OpenLDAP: the same rows as on the simulators, the faults made by a proxy and by the server itself.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'ldapts';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freePort, sleep } from '../../lab/process.ts';
import { type Slapd, startSlapd } from '../../lab/slapd.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { ldap } from '../../src/connectors/ldap/ldap.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { contractRows } from '../contract/connector.ts';
import { accountsOf, openLdap, refOf } from './ldap-open.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-contract-ldap-'));
/** The extended operation that changes a password (RFC 3062). */
const passwordModify = Buffer.from('1.3.6.1.4.1.4203.1.11.1');
let lab: Slapd;
let refs: Awaited<ReturnType<typeof accountsOf>>;
let next = 0;

beforeAll(async () => {
  lab = await startSlapd({ dir: join(folder, 'main'), people: 60, services: 3, replicas: 1, ppolicy: { maxFailure: 3, minLength: 12 } });
  const reader = await openLdap(lab);
  refs = await accountsOf(reader);
  await reader[Symbol.asyncDispose]();
});
afterAll(async () => {
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function binds(dn: string, text: string): Promise<boolean> {
  const client = new Client({ url: lab.ldapsUrl, tlsOptions: { ca: [readFileSync(lab.ca)] } });
  try {
    await client.bind(dn, text);
    return true;
  } catch {
    return false;
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

type Around = { readonly url?: string; readonly replicas?: readonly string[]; readonly extra?: Partial<Rig> };

/** Every row gets an account of its own. */
async function rig(bench: Bench, around: (dn: string, old: string) => Around | Promise<Around> = () => ({})): Promise<Rig> {
  const uid = lab.people.uid(next++);
  const dn = `uid=${uid},ou=people,${lab.base}`;
  const old = lab.initialPassword(uid);
  const { url = lab.ldapsUrl, replicas = [], extra = {} } = await around(dn, old);
  const settings = ldap.config.parse({
    url,
    replicas,
    ca: lab.ca,
    base: lab.base,
    bind: { dn: lab.bindDn, password: { env: 'LAB_BIND' } },
  });
  const connection = await ldap.open(settings, { ...bench.io('lab'), resolve: async () => secretOf('bind', lab.bindPassword) });
  return { connection, account: refOf(refs, uid), old, accepts: (text) => binds(dn, text), ...extra };
}

const through =
  (arm: (proxy: Swallow) => void) =>
  (bench: Bench): Promise<Rig> =>
    rig(bench, async () => {
      const proxy = await startSwallow({ target: { host: '127.0.0.1', port: Number(new URL(lab.url).port) } });
      arm(proxy);
      return { url: `ldap://127.0.0.1:${proxy.port}`, extra: { close: () => proxy.stop() } };
    });

const minLength = (length: number): void =>
  lab.asRoot(`dn: ${lab.policyDn}\nchangetype: modify\nreplace: pwdMinLength\npwdMinLength: ${length}\n`);

const fixture: ContractFixture = {
  connector: ldap,
  badConfig: { config: { url: 'http://x', base: 'dc=lab', bind: { dn: 'cn=x', password: { env: 'X' } } }, field: 'url' },
  situations: {
    plain: (bench) => rig(bench),
    'reply-lost': through((proxy) => proxy.swallowReplies(passwordModify)),
    'request-lost': through((proxy) => proxy.loseRequests(passwordModify)),
    slow: through((proxy) => proxy.swallowReplies(passwordModify, { sees: 'hang' })),
    unreachable: (bench) => rig(bench, async () => ({ url: `ldap://127.0.0.1:${await freePort()}` })),
    policy: (bench) =>
      rig(bench, () => {
        minLength(60);
        return { extra: { close: () => minLength(12) } };
      }),
    lockable: (bench) => rig(bench),
    'second-value': (bench) =>
      rig(bench, (dn, old) => ({
        extra: { happen: () => lab.asRoot(`dn: ${dn}\nchangetype: modify\nadd: userPassword\nuserPassword: ${old}\n`) },
      })),
    lagging: (bench) =>
      rig(bench, () => {
        const replica = lab.replicas[0] as Slapd['replicas'][number];
        replica.pause();
        return { replicas: [replica.ldapsUrl], extra: { lagging: replica.ldapsUrl, close: () => replica.resume() } };
      }),
    // A backup of the entry comes back, past the directory's own rules.
    resurrecting: (bench) =>
      rig(bench, (dn, old) => ({
        extra: {
          happen: async () => {
            lab.asRoot(`dn: ${dn}\nchangetype: modify\nreplace: userPassword\nuserPassword: ${old}\n`);
            await sleep(300); // looks at one entry within a quarter of a second are one read
          },
        },
      })),
    sessions: (bench) =>
      rig(bench, async (dn, old) => {
        const client = new Client({ url: lab.url });
        await client.bind(dn, old);
        await sleep(1100); // cn=Monitor tells the start of a connection in whole seconds
        return { extra: { close: () => client.unbind().catch(() => undefined) } };
      }),
  },
};

describe('ldap', () => {
  for (const row of contractRows(fixture))
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
});
