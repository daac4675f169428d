// The contract suite on a real RabbitMQ: the same rows as on the simulators.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { rabbitmq } from '../../src/connectors/rabbitmq/rabbitmq.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { type Ground, ground, type Settings, until, value } from './rabbitmq-ground.ts';

const users = Array.from({ length: 40 }, (_, n) => `app-${n}`);
let on: Ground;
let next = 0;

beforeAll(async () => {
  on = await ground({ users });
}, 120_000);
afterAll(() => on?.stop());

async function logsIn(user: string, password: string): Promise<boolean> {
  try {
    (await on.session(user, password)).end();
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
  const { timeoutMs, signal } = bench.io('lab-mq');
  const connection = await on.open(settings, { timeoutMs, signal });
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
const put = Buffer.from('PUT /api/users/');

const fixture: ContractFixture = {
  connector: rabbitmq,
  badConfig: { config: { host: 'mq.example', port: 'many', user: 'rekey', password: { env: 'X' } }, field: 'port' },
  situations: {
    plain: (bench) => rig(bench),
    'reply-lost': through((proxy) => proxy.swallowReplies(put)),
    'request-lost': through((proxy) => proxy.loseRequests(put)),
    slow: through((proxy) => proxy.swallowReplies(put, { sees: 'hang' })),
    unreachable: (bench) =>
      rig(bench, async () => ({ settings: { port: await freePort(), amqp: [{ host: '127.0.0.1', port: await freePort() }] } })),
    resurrecting: (bench) =>
      rig(bench, async (name) => {
        // What load_definitions does at boot: the file still has the hash of the day it was exported.
        const definitions = (await on.lab.api('GET', 'definitions')) as { users: { name: string }[] };
        const users = definitions.users.filter((user) => user.name === name);
        return { extra: { happen: async () => void (await on.lab.api('POST', 'definitions', { users })) } };
      }),
    sessions: (bench) =>
      rig(bench, async (name, old) => {
        const session = await on.session(name, old);
        // The broker dates a connection some seconds after it began.
        await until(async () => value(await on.connection.sessions.list(on.ref(name))).some(({ startedAt }) => startedAt.getTime() > 0));
        return { extra: { close: () => session.end() } };
      }),
  },
};

describe('rabbitmq', () => {
  for (const row of contractRows(fixture, { timeoutMs: 2000 })) {
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
  }
});
