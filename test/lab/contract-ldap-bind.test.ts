// The contract suite on a real OpenLDAP.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { type Slapd, startSlapd } from '../../lab/slapd.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { ldapBind } from '../../src/connectors/ldap-bind/ldap-bind.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { accountOf, pathIo, say } from './path-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-contract-bind-'));
let lab: Slapd;
let next = 0;

beforeAll(async () => {
  lab = await startSlapd({ dir: folder, people: 20, services: 0, ppolicy: { maxFailure: 3 } });
});
afterAll(async () => {
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Every row gets an account of its own. */
async function rig(bench: Bench, url = lab.ldapsUrl): Promise<Rig> {
  const login = lab.people.uid(next);
  const account = accountOf(login, { locator: lab.people.dn(next++) });
  const connection = await ldapBind.open(ldapBind.config.parse({ servers: [url], ca: lab.ca }), bench.io('lab'));
  const direct = await ldapBind.open(ldapBind.config.parse({ servers: [lab.ldapsUrl], ca: lab.ca }), pathIo());
  const accepts = async (text: string): Promise<boolean> => (await say(direct, account, text)) === 'accepted 0';
  return { connection, account, old: lab.initialPassword(login), accepts };
}

const through =
  (arm: (proxy: Swallow) => void) =>
  async (bench: Bench): Promise<Rig> => {
    const proxy = await startSwallow({ target: { host: '127.0.0.1', port: Number(new URL(lab.url).port) } });
    arm(proxy);
    return { ...(await rig(bench, `ldap://127.0.0.1:${proxy.port}`)), close: () => proxy.stop() };
  };

const fixture: ContractFixture = {
  connector: ldapBind,
  badConfig: { config: { servers: ['http://ldap.lab.test'] }, field: 'servers' },
  situations: {
    plain: (bench) => rig(bench),
    unreachable: async (bench) => rig(bench, `ldaps://127.0.0.1:${await freePort()}`),
    lockable: (bench) => rig(bench),
    'reply-lost': through((proxy) => proxy.swallowReplies(1)),
    'request-lost': through((proxy) => proxy.loseRequests(1, { sees: 'reset' })),
  },
};

describe('ldap-bind', () => {
  for (const row of contractRows(fixture))
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
});
