// The contract suite on a real MariaDB with a replica: the same rows as on the simulators.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { mariadb } from '../../src/connectors/mariadb/mariadb.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import { contractRows } from '../contract/connector.ts';
import { type Ground, ground, type Settings } from './mariadb-ground.ts';

// Half of them log in by ed25519.
const users = Array.from({ length: 40 }, (_, n) => `app-${n}`);
let on: Ground;
let next = 0;

beforeAll(async () => {
  on = await ground({
    replica: true,
    settings: { 'plugin-load-add': 'auth_ed25519' },
    accounts: users.map((user, n) => ({
      id: `${user}@%`,
      via: `VIA ${n % 2 === 0 ? 'mysql_native_password' : 'ed25519'} USING PASSWORD('SECRET')`,
    })),
  });
}, 60_000);
afterAll(() => on?.stop());

async function logsIn(user: string, password: string): Promise<boolean> {
  const [row] = await on.lab.sql(
    `SELECT JSON_VALUE(Priv, '$.plugin') = 'ed25519' AS ed, JSON_EXTRACT(Priv, '$.authentication_string', '$.auth_or[*].authentication_string') AS stored
     FROM mysql.global_priv WHERE User = '${user}'`,
  );
  const sql = Number(row?.ed) === 1 ? `ed25519_password('${password}')` : `PASSWORD('${password}')`;
  if (Number(row?.ed) === 1) await on.lab.sql("CREATE FUNCTION IF NOT EXISTS ed25519_password RETURNS STRING SONAME 'auth_ed25519.so'");
  const [hash] = await on.lab.sql(`SELECT ${sql} AS hash`);
  return String(row?.stored).includes(String(hash?.hash));
}

type Around = { readonly settings?: Settings; readonly extra?: Partial<Rig> };

/** Every row gets an account of its own. */
async function rig(bench: Bench, around: (id: string, old: string) => Around | Promise<Around> = () => ({})): Promise<Rig> {
  const user = users[next++] as string;
  const id = `${user}@%`;
  const old = on.lab.secrets[id] as string;
  const { settings = {}, extra = {} } = await around(id, old);
  const { timeoutMs, signal } = bench.io('lab-maria');
  const connection = await on.open({ replicas: [], ...settings }, { timeoutMs, signal });
  return { connection, account: on.ref(id), old, accepts: (text) => logsIn(user, text), ...extra };
}

const through =
  (arm: (proxy: Swallow) => void) =>
  (bench: Bench): Promise<Rig> =>
    rig(bench, async () => {
      const proxy = await startSwallow({ target: { host: on.lab.host, port: on.lab.port } });
      arm(proxy);
      return { settings: { port: proxy.port }, extra: { close: () => proxy.stop() } };
    });
const alter = Buffer.from('ALTER USER');

/** A server of its own, for what changes a whole server. */
const elsewhere = async (bench: Bench, options: Parameters<typeof ground>[0]): Promise<Rig> => {
  const other = await ground({ ...options, accounts: ['app@%'] });
  const { timeoutMs, signal } = bench.io('lab-maria');
  const connection = await other.open({}, { timeoutMs, signal });
  const accepts = async (text: string): Promise<boolean> => {
    const [row] = await other.lab.sql(
      `SELECT JSON_VALUE(Priv, '$.authentication_string') = PASSWORD('${text}') AS same FROM mysql.global_priv WHERE User = 'app'`,
    );
    return Number(row?.same) === 1;
  };
  return { connection, account: other.ref('app@%'), old: other.lab.secrets['app@%'] as string, accepts, close: () => other.stop() };
};

const fixture: ContractFixture = {
  connector: mariadb,
  badConfig: { config: { host: 'db.example', port: 'many', user: 'rekey', password: { env: 'X' } }, field: 'port' },
  situations: {
    plain: (bench) => rig(bench),
    'reply-lost': through((proxy) => proxy.swallowReplies(alter)),
    'request-lost': through((proxy) => proxy.loseRequests(alter)),
    slow: through((proxy) => proxy.swallowReplies(alter, { sees: 'hang' })),
    unreachable: (bench) => rig(bench, async () => ({ settings: { port: await freePort() } })),
    // Strict validation refuses every hash.
    policy: (bench) =>
      elsewhere(bench, { accounts: [], settings: { 'plugin-load-add': 'simple_password_check', 'strict-password-validation': 'ON' } }),
    // unix_socket lets the system user root in as the account root, whatever the password.
    'accept-any': async (bench) => {
      const other = await ground({ accounts: [] });
      await other.lab.sql(
        `ALTER USER root@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('${other.lab.rootPassword}')`,
      );
      const { timeoutMs, signal } = bench.io('lab-maria');
      const connection = await other.open({ host: other.lab.socket }, { timeoutMs, signal });
      const { rootPassword: old } = other.lab;
      return { connection, account: other.ref('root@localhost'), old, accepts: () => true, close: () => other.stop() };
    },
    'second-value': (bench) =>
      rig(bench, async (id) => {
        const user = id.split('@')[0];
        const [{ hash } = { hash: '' }] = await on.lab.sql(
          `SELECT CONCAT(JSON_VALUE(Priv, '$.plugin'), ' USING ''', JSON_VALUE(Priv, '$.authentication_string'), '''') AS hash FROM mysql.global_priv WHERE User = '${user}'`,
        );
        const happen = async (): Promise<void> => {
          const [now] = await on.lab.sql(
            `SELECT CONCAT(JSON_VALUE(Priv, '$.plugin'), ' USING ''', JSON_VALUE(Priv, '$.authentication_string'), '''') AS hash FROM mysql.global_priv WHERE User = '${user}'`,
          );
          await on.lab.sql(`ALTER USER '${user}'@'%' IDENTIFIED VIA ${String(now?.hash)} OR ${String(hash)}`);
        };
        return { extra: { happen } };
      }),
    lagging: (bench) =>
      rig(bench, async () => {
        const replica = on.lab.replica as NonNullable<Ground['lab']['replica']>;
        await on.caughtUp();
        await replica.stopApplying();
        const replicas = [{ host: replica.host, port: replica.port }];
        return { settings: { replicas }, extra: { lagging: `${replica.host}:${replica.port}`, close: () => replica.caughtUp() } };
      }),
    // A restored backup of the grant tables.
    resurrecting: (bench) =>
      rig(bench, async (id) => {
        const user = id.split('@')[0];
        const [row] = await on.lab.sql(`SELECT CONCAT(Priv) AS Priv FROM mysql.global_priv WHERE User = '${user}'`);
        const happen = async (): Promise<void> => {
          await on.lab.sql(
            `UPDATE mysql.global_priv SET Priv = '${String(row?.Priv).replaceAll("'", "''")}' WHERE User = '${user}'; FLUSH PRIVILEGES`,
          );
        };
        return { extra: { happen } };
      }),
    sessions: (bench) =>
      rig(bench, async (id, old) => {
        const session = await on.session(id.split('@')[0] as string, old);
        return { extra: { close: () => session.destroy() } };
      }),
  },
};

describe('mariadb', () => {
  for (const row of contractRows(fixture, { timeoutMs: 1500 })) {
    test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
  }
});
