// The contract suite on a real Keystone: the same rows as on the simulators, the faults made by a proxy and by the server itself.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type LabKeystone, startKeystone } from '../../lab/keystone.ts';
import { freePort } from '../../lab/process.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { keystone } from '../../src/connectors/keystone/keystone.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { openKeystone, userRef } from './keystone-open.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-contract-keystone-'));
const names = Array.from({ length: 36 }, (_, n) => `app-${n}`);
let lab: LabKeystone;
let strict: Promise<LabKeystone> | undefined;
let next = 0;
beforeAll(async () => {
  lab = await startKeystone({ dir: join(folder, 'ks'), users: names });
}, 300_000);
afterAll(async () => {
  await lab?.stop();
  await (await strict)?.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Around = { readonly url?: string; readonly extra?: Partial<Rig>; readonly settings?: object };

/** Every row gets a user of its own. */
async function rig(bench: Bench, around: (name: string) => Around | Promise<Around> = () => ({})): Promise<Rig> {
  return rigOn(lab, names[next++] as string, bench, around);
}

async function rigOn(
  on: LabKeystone,
  name: string,
  bench: Bench,
  around: (name: string) => Around | Promise<Around> = () => ({}),
): Promise<Rig> {
  const user = on.users.get(name) as { id: string; password: string };
  const { url = on.url, extra = {}, settings = {} } = await around(name);
  const connection = await openKeystone(on, bench.io('lab-keystone'), { url, ...settings });
  const accepts = async (text: string): Promise<boolean> => (await on.login(user.id, text)) !== undefined;
  return { connection, account: userRef(on, name), old: user.password, accepts, ...extra };
}

const through =
  (arm: (proxy: Swallow) => void) =>
  (bench: Bench): Promise<Rig> =>
    rig(bench, async () => {
      const proxy = await startSwallow({ target: { host: '127.0.0.1', port: lab.port } });
      arm(proxy);
      return { url: `http://127.0.0.1:${proxy.port}`, extra: { close: () => proxy.stop() } };
    });
const patch = Buffer.from('PATCH ');

const fixture: ContractFixture = {
  connector: keystone,
  badConfig: { config: { url: 'https://keystone.example:5000', user: 7, password: { env: 'X' } }, field: 'user' },
  situations: {
    plain: (bench) => rig(bench),
    'reply-lost': through((proxy) => proxy.swallowReplies(patch)),
    'request-lost': through((proxy) => proxy.loseRequests(patch)),
    slow: through((proxy) => proxy.swallowReplies(patch, { sees: 'hang' })),
    unreachable: (bench) => rig(bench, async () => ({ url: `http://127.0.0.1:${await freePort()}` })),
    policy: async (bench) => {
      strict ??= startKeystone({ dir: join(folder, 'strict'), users: ['strict'], compliance: { password_regex: '^.{19}$' } });
      return rigOn(await strict, 'strict', bench);
    },
    // A copy of the users from before the reset is written back.
    resurrecting: (bench) =>
      rig(bench, (name) => {
        const { id, password } = lab.users.get(name) as { id: string; password: string };
        return { extra: { happen: async () => void (await lab.ask('PATCH', `/users/${id}`, { user: { password } })) } };
      }),
    sessions: (bench) =>
      rig(bench, async (name) => {
        const user = lab.users.get(name) as { id: string; password: string };
        const token = await lab.login(user.id, user.password);
        await lab.ask('POST', `/users/${user.id}/application_credentials`, { application_credential: { name: 'ci' } }, token);
        await lab.ask('POST', `/users/${user.id}/credentials/OS-EC2`, { tenant_id: lab.project });
        return { settings: { revokeApplicationCredentials: true } };
      }),
  },
};

describe('keystone', () => {
  // bcrypt and SQLite on a busy machine: an honest answer may take more than the suite's second.
  for (const row of contractRows(fixture, { timeoutMs: 3000 }))
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
});
