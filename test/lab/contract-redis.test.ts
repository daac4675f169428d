// The contract suite on a real Redis with an ACL file: the same rows as on the simulators.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { redis } from '../../src/connectors/redis/redis.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { type Ground, ground, type Settings } from './redis-ground.ts';

const users = Array.from({ length: 60 }, (_, n) => `app-${n}`);
let on: Ground;
let next = 0;

beforeAll(async () => {
  on = await ground({ users });
}, 60_000);
afterAll(() => on?.stop());

async function logsIn(user: string, password: string): Promise<boolean> {
  try {
    (await on.lab.session(user, password)).end();
    return true;
  } catch {
    return false;
  }
}

type Around = { readonly settings?: Settings; readonly extra?: Partial<Rig> };

/** Every row gets a user of its own. */
async function rig(bench: Bench, around: (name: string, old: string) => Around | Promise<Around> = () => ({})): Promise<Rig> {
  const name = users[next++] as string;
  const old = on.lab.secrets[name] as string;
  const { settings = {}, extra = {} } = await around(name, old);
  const { timeoutMs, signal } = bench.io('lab-redis');
  const connection = await on.open({ nodes: [], ...settings }, { timeoutMs, signal });
  return { connection, account: on.ref(name), old, accepts: (text) => logsIn(name, text), ...extra };
}

const through =
  (arm: (proxy: Swallow) => void) =>
  (bench: Bench): Promise<Rig> =>
    rig(bench, async () => {
      const proxy = await startSwallow({ target: { host: on.lab.host, port: on.lab.port } });
      arm(proxy);
      return { settings: { port: proxy.port }, extra: { close: () => proxy.stop() } };
    });
const setUser = Buffer.from('SETUSER');

const fixture: ContractFixture = {
  connector: redis,
  badConfig: { config: { host: 'cache.example', port: 'many', password: { env: 'X' } }, field: 'port' },
  situations: {
    plain: (bench) => rig(bench),
    'reply-lost': through((proxy) => proxy.swallowReplies(setUser)),
    'request-lost': through((proxy) => proxy.loseRequests(setUser)),
    slow: through((proxy) => proxy.swallowReplies(setUser, { sees: 'hang' })),
    unreachable: (bench) => rig(bench, async () => ({ settings: { port: await freePort() } })),
    'accept-any': (bench) =>
      rig(bench, async (name) => {
        await on.lab.run('ACL', 'SETUSER', name, 'nopass');
        return {};
      }),
    'second-value': (bench) =>
      rig(bench, (name, old) => ({
        extra: { happen: async () => void (await on.lab.run('ACL', 'SETUSER', name, `>${old}`)) },
      })),
    resurrecting: (bench) =>
      rig(bench, (name, old) => ({
        // What a restart from an ACL file out of an image does to one user.
        extra: { happen: async () => void (await on.lab.run('ACL', 'SETUSER', name, 'resetpass', `>${old}`)) },
      })),
    sessions: (bench) =>
      rig(bench, async (name, old) => {
        const session = await on.lab.session(name, old);
        return { extra: { close: () => session.end() } };
      }),
  },
};

describe('redis', () => {
  for (const row of contractRows(fixture, { timeoutMs: 1000 })) {
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
  }
});
