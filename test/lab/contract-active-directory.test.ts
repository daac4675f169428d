// The contract suite on two real Samba domain controllers: the same rows as on the simulators.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type LabSamba, startSamba } from '../../lab/samba.ts';
import { activeDirectory } from '../../src/connectors/active-directory/active-directory.ts';
import { KerberosHome } from '../../src/connectors/active-directory/kerberos.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { accountsOf, bindsAs, old, openAd, refOf, resetBytes, type Tampered, tampered } from './active-directory-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-contract-ad-'));
let lab: LabSamba;
let refs: Awaited<ReturnType<typeof accountsOf>>;
const taken = { person: 0, lockable: 0, strict: 0 };

beforeAll(async () => {
  lab = await startSamba({ dir: folder, controllers: 2, other: true });
  const reader = await openAd(lab);
  refs = await accountsOf(reader);
  await reader[Symbol.asyncDispose]();
});
afterAll(async () => {
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Around = { readonly controllers?: readonly string[]; readonly extra?: Partial<Rig> };

/** Every row gets an account of its own. */
async function rig(
  bench: Bench,
  kind: keyof typeof taken = 'person',
  around: (name: string) => Around | Promise<Around> = () => ({}),
): Promise<Rig> {
  const name = lab.names[kind](taken[kind]++);
  const { controllers = [lab.controllers[0]?.url], extra = {} } = await around(name);
  const { timeoutMs, signal } = bench.io('lab');
  const connection = await openAd(lab, { controllers }, { io: { timeoutMs, signal } });
  return { connection, account: refOf(refs, name), old: lab.firstPassword(name), accepts: (text) => bindsAs(lab, name, text), ...extra };
}

const through =
  (arm: (proxy: Tampered) => void) =>
  (bench: Bench): Promise<Rig> =>
    rig(bench, 'person', async () => {
      const proxy = await tampered(lab);
      arm(proxy);
      return { controllers: [proxy.url], extra: { close: () => proxy.stop() } };
    });

/** The second change of a password on this line: the first is the throw-away. */
function second(): (write: Buffer) => boolean {
  let seen = 0;
  return (write) => write.includes(resetBytes) && ++seen === 2;
}

const fixture: ContractFixture = {
  connector: activeDirectory,
  badConfig: { config: { controllers: ['ldap://dc1'], bind: { user: 'x', password: { env: 'X' } } }, field: 'controllers' },
  situations: {
    plain: (bench) => rig(bench),
    'reply-lost': through((proxy) => proxy.swallowReplies(second())),
    'request-lost': through((proxy) => proxy.loseRequests(resetBytes)),
    slow: through((proxy) => proxy.swallowReplies(resetBytes, { sees: 'hang' })),
    unreachable: (bench) => rig(bench, 'person', () => ({ controllers: ['ldaps://127.0.0.99'] })),
    policy: (bench) => rig(bench, 'strict'),
    lockable: (bench) => rig(bench, 'lockable'),
    lagging: (bench) =>
      rig(bench, 'person', () => ({
        controllers: lab.controllers.map(({ url }) => url),
        extra: { lagging: lab.controllers[1]?.url as string, close: () => lab.replicate() },
      })),
    resurrecting: (bench) =>
      rig(bench, 'person', (name) => {
        const value = Buffer.from(`"${lab.firstPassword(name)}"`, 'utf16le').toString('base64');
        const back = `dn: ${lab.dn(name)}\nchangetype: modify\nreplace: unicodePwd\nunicodePwd:: ${value}\n`;
        return { extra: { happen: () => lab.modify(back) } };
      }),
    sessions: (bench) =>
      rig(bench, 'person', async (name) => {
        const home = new KerberosHome({ realm: lab.realm, kdc: lab.controllers[0]?.ip as string, port: 88 }, 10_000);
        const said = await home.ticket(name, old(lab, name));
        if (!said.ok) throw new Error(said.text);
        return { extra: { close: () => home.remove() } };
      }),
  },
};

describe('active-directory', () => {
  for (const row of contractRows(fixture))
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
});
