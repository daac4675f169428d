// The contract suite on a real Mosquitto: the same rows as on the simulators.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { mosquitto } from '../../src/connectors/mosquitto/mosquitto.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { type Ground, ground, type Settings } from './mosquitto-ground.ts';

const users = Array.from({ length: 40 }, (_, n) => `device-${n}`);
let on: Ground;
let open: Ground;
let next = 0;

beforeAll(async () => {
  on = await ground({ users });
  open = await ground({ users: ['device'], anyone: true });
}, 60_000);
afterAll(async () => {
  await on?.stop();
  await open?.stop();
});

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
  const { timeoutMs, signal } = bench.io('lab-mqtt');
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
const hello = Buffer.from('MQTT');
const lineOf = (name: string): string =>
  readFileSync(on.lab.passwordFile, 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${name}:`)) ?? '';

const fixture: ContractFixture = {
  connector: mosquitto,
  badConfig: { config: { file: 'passwords', reload: { pidFile: 'x' }, port: 'many' }, field: 'port' },
  situations: {
    plain: (bench) => rig(bench),
    // The answer to the login that shows that the broker has read the file.
    'reply-lost': through((proxy) => proxy.swallowReplies(hello, { sees: 'hang' })),
    // The reload never reaches the broker: the command succeeds and does nothing.
    'request-lost': (bench) => rig(bench, () => ({ settings: { reload: { command: ['true'] } } })),
    slow: through((proxy) => proxy.swallowReplies(hello, { sees: 'hang', times: 50 })),
    unreachable: (bench) => rig(bench, async () => ({ settings: { port: await freePort() } })),
    'second-value': (bench) =>
      rig(bench, (name) => {
        const line = lineOf(name);
        return {
          extra: {
            happen: async () => {
              writeFileSync(on.lab.passwordFile, `${line}\n`, { flag: 'a' });
              await on.lab.reload();
            },
          },
        };
      }),
    resurrecting: (bench) =>
      rig(bench, () => {
        const image = join(on.dir, 'passwords.image');
        copyFileSync(on.lab.passwordFile, image);
        return {
          extra: {
            happen: async () => {
              copyFileSync(image, on.lab.passwordFile);
              await on.lab.restart();
            },
          },
        };
      }),
    'accept-any': async (bench) => {
      const { timeoutMs, signal } = bench.io('lab-mqtt');
      const connection = await open.open({}, { timeoutMs, signal });
      return { connection, account: open.ref('device'), old: open.lab.secrets.device as string, accepts: () => true };
    },
  },
};

describe('mosquitto', () => {
  for (const row of contractRows(fixture, { timeoutMs: 1000 })) {
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
  }
});
