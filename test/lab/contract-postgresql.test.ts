// The contract suite on a real PostgreSQL with a standby: the same rows as on the simulators.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { postgresql } from '../../src/connectors/postgresql/postgresql.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import type { secretOf } from '../../src/seal/secret.ts';
import { contractRows } from '../contract/connector.ts';
import { type Ground, ground, readAll, readmeSql, type Settings } from './postgresql-ground.ts';

const roles = Array.from({ length: 60 }, (_, n) => `app-${n}`);
let on: Ground;
let next = 0;

beforeAll(async () => {
  on = await ground({ roles, standby: true });
  // Without this view the server shows no one but a superuser that a password changed: the marker is empty then.
  await on.lab.sql(readmeSql());
  await on.caughtUp();
  for (const found of await readAll(on.connection)) on.accounts.set(found.name, found);
}, 60_000);
afterAll(() => on?.stop());

async function logsIn(user: string, password: string): Promise<boolean> {
  try {
    await (await on.session(user, password)).end();
    return true;
  } catch {
    return false;
  }
}

type Around = { readonly settings?: Settings; readonly extra?: Partial<Rig> };

/** Every row gets a role of its own. */
async function rig(bench: Bench, around: (name: string, old: string) => Around | Promise<Around> = () => ({})): Promise<Rig> {
  const name = roles[next++] as string;
  const old = on.lab.secrets[name] as string;
  const { settings = {}, extra = {} } = await around(name, old);
  const { timeoutMs, signal } = bench.io('lab-pg');
  const connection = await on.open({ replicas: [], ...settings }, { timeoutMs, signal });
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
const alter = Buffer.from('ALTER ROLE');

const fixture: ContractFixture = {
  connector: postgresql,
  badConfig: { config: { host: 'db.example', port: 'many', user: 'rekey', password: { env: 'X' } }, field: 'port' },
  situations: {
    plain: (bench) => rig(bench),
    'reply-lost': through((proxy) => proxy.swallowReplies(alter)),
    'request-lost': through((proxy) => proxy.loseRequests(alter)),
    slow: through((proxy) => proxy.swallowReplies(alter, { sees: 'hang' })),
    unreachable: (bench) => rig(bench, async () => ({ settings: { port: await freePort() } })),
    'accept-any': (bench) =>
      rig(bench, async () => {
        const open = await ground({ roles: ['open'], hba: ['host all rekey all scram-sha-256', 'host all all all trust'] });
        const { timeoutMs, signal } = bench.io('lab-pg');
        const connection = await open.open({}, { timeoutMs, signal });
        return { extra: { connection, account: open.ref('open'), old: secretText(open.first('open')), close: () => open.stop() } };
      }),
    lagging: (bench) =>
      rig(bench, async () => {
        const standby = on.lab.standby as NonNullable<Ground['lab']['standby']>;
        const replicas = [{ host: standby.host, port: standby.port }];
        const names = await (await on.open({ replicas })).state.replicas();
        await on.caughtUp();
        await standby.pauseReplay();
        return { settings: { replicas }, extra: { lagging: names[1] as string, close: () => standby.resumeReplay() } };
      }),
    // What pg_dumpall --roles-only wrote before the reset is played back.
    resurrecting: (bench) =>
      rig(bench, async (name) => {
        const [dumped] = await on.lab.sql(`SELECT rolpassword AS verifier FROM pg_authid WHERE rolname = '${name}'`);
        return { extra: { happen: async () => void (await on.lab.sql(`ALTER ROLE "${name}" PASSWORD '${dumped?.verifier}'`)) } };
      }),
    sessions: (bench) =>
      rig(bench, async (name, old) => {
        const session = await on.session(name, old);
        return { extra: { close: () => session.end().catch(() => undefined) } };
      }),
  },
};

const secretText = (secret: ReturnType<typeof secretOf>): string => secret.text((text) => text);

describe('postgresql', () => {
  for (const row of contractRows(fixture, { timeoutMs: 1000 })) {
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
  }
});
