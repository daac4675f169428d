// The contract suite and the login path itself on a real PostgreSQL and a real MariaDB: accepted, refused, blocked, and answers about neither.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LabMariadb, startMariadb } from '../../lab/mariadb.ts';
import { type LabPostgres, startPostgres } from '../../lab/postgres.ts';
import { freePort } from '../../lab/process.ts';
import { serversCertificate } from '../../lab/slapd-tls.ts';
import { sqlLogin } from '../../src/connectors/sql-login/sql-login.ts';
import type { Bench, ContractFixture, Rig } from '../../src/kit/contract.ts';
import type { Io } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { contractRows } from '../contract/connector.ts';

let dir: string;
let pg: LabPostgres;
let maria: LabMariadb;
let ca: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rekey-lab-sql-'));
  const made = serversCertificate(dir);
  ca = made.ca;
  pg = await startPostgres({
    dir: join(dir, 'pg'),
    // pam_deny.so stands for a directory that refuses: PostgreSQL says 28000 for it. cert asks for no password.
    hba: [
      'host all open_to_all 127.0.0.1/32 trust',
      'host all barred 127.0.0.1/32 reject',
      'host all elsewhere 127.0.0.1/32 pam pamservice=rekey-no-such-service',
    ],
    roles: ['alice', 'open_to_all', 'barred', 'elsewhere', 'nologin'],
  });
  for (const part of ['certificate', 'key'] as const) {
    writeFileSync(join(dir, `shared-${part}`), readFileSync(made[part]), { mode: 0o644 });
  }
  maria = await startMariadb({
    dir: join(dir, 'maria'),
    settings: {
      'plugin-load-add': 'auth_ed25519',
      'bind-address': '127.0.0.1,127.0.0.2',
      'ssl-cert': join(dir, 'shared-certificate'),
      'ssl-key': join(dir, 'shared-key'),
    },
    accounts: [
      'alice@%',
      { id: 'edda@%', via: "VIA ed25519 USING PASSWORD('SECRET')" },
      { id: 'stale@%', more: 'PASSWORD EXPIRE' },
      { id: 'locked@%', more: 'ACCOUNT LOCK' },
      { id: 'socket@%', via: 'VIA unix_socket' },
    ],
  });
}, 60_000);
afterAll(async () => {
  await pg?.stop();
  await maria?.stop();
  rmSync(dir, { recursive: true, force: true });
});

type Engine = 'postgresql' | 'mariadb';
const io = (): Io => ({
  system: 'path',
  timeoutMs: 4_000,
  signal: new AbortController().signal,
  now: () => new Date(),
  resolve: () => Promise.reject(new Error('a path has no secret of its own')),
  path: (relative) => relative,
});
const at = (engine: Engine) => (engine === 'postgresql' ? { host: pg.host, port: pg.port } : { host: maria.host, port: maria.port });

async function say(engine: Engine, login: string, text: string, more: object = {}): Promise<string> {
  await using path = await sqlLogin.open(sqlLogin.config.parse({ engine, hosts: [at(engine)], ...more }), io());
  const [where] = await path.probe.paths();
  const account = { system: 'directory', id: 'entry-1', name: `uid=${login},ou=people`, login };
  const { verdict, code } = await path.probe.attempt(account, secretOf('tried', text), where ?? { path: '', replica: '' });
  return `${verdict} ${code}`;
}

describe('PostgreSQL', () => {
  const right = (name: string): string => pg.secrets[name] ?? '';

  test('accepts the right password by the bare login, rejects another, and says blocked for a role that may not log in', async () => {
    expect(await say('postgresql', 'alice', right('alice'))).toBe('accepted 00000');
    expect(await say('postgresql', 'alice', 'nonsense')).toBe('rejected 28P01');
    await pg.sql('ALTER ROLE nologin NOLOGIN');
    expect(await say('postgresql', 'nologin', right('nologin'))).toBe('blocked 28000');
    expect(await say('postgresql', 'nologin', 'nonsense')).toBe('rejected 28P01');
    expect(await say('postgresql', 'alice', right('alice'), { database: 'nowhere' })).toBe('accepted 3D000');
  });

  test('a path that asks for no password is seen: nonsense is accepted (trust); a line that refuses says nothing', async () => {
    expect(await say('postgresql', 'open_to_all', 'nonsense')).toBe('accepted 00000');
    expect(await say('postgresql', 'barred', right('barred'))).toBe('indeterminate 28000');
  });

  test('a password checked elsewhere (pam) is refused with 28000: a verdict only where the estate file says so', async () => {
    expect(await say('postgresql', 'elsewhere', 'anything')).toBe('indeterminate 28000');
    expect(await say('postgresql', 'elsewhere', 'anything', { external: true })).toBe('rejected 28000');
  });
});

describe('MariaDB', () => {
  const right = (name: string): string => maria.secrets[`${name}@%`] ?? '';

  test('accepts, rejects and blocks by its own error numbers, for both password plugins', async () => {
    for (const user of ['alice', 'edda'] as const) {
      expect(await say('mariadb', user, right(user))).toBe('accepted 0');
      expect(await say('mariadb', user, 'nonsense')).toBe('rejected 1045');
    }
    expect(await say('mariadb', 'locked', right('locked'))).toBe('blocked 4151');
    expect(await say('mariadb', 'locked', 'nonsense')).toBe('rejected 1045');
    expect(await say('mariadb', 'stale', right('stale'))).toMatch(/^blocked 18(20|62)$/);
    expect(await say('mariadb', 'socket', 'nonsense')).toBe('blocked 1698');
  });

  test('taken for an anonymous account says nothing about the one that was meant', async () => {
    await maria.sql("CREATE USER ''@'127.0.0.1' IDENTIFIED BY 'Every-1'");
    expect(await say('mariadb', 'alice', 'Every-1')).toBe('indeterminate other-account');
    await maria.sql("DROP USER ''@'127.0.0.1'");
  });

  test('is verified by name and by address before a password is sent, and another name, address or CA is no answer about it', async () => {
    const tls = (host: string, more: object = {}) =>
      say('mariadb', 'alice', right('alice'), { hosts: [{ host, port: maria.port }], tls: { ca, ...more } });
    expect(await tls('127.0.0.1')).toBe('accepted 0');
    expect(await tls('localhost')).toBe('accepted 0');
    // The certificate names localhost and 127.0.0.1, not this address.
    expect(await tls('127.0.0.2')).toBe('indeterminate ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await tls('127.0.0.2', { servername: 'localhost' })).toBe('accepted 0');
    expect(await tls('127.0.0.1', { servername: 'db.example.test' })).toBe('indeterminate ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await say('mariadb', 'alice', right('alice'), { tls: {} })).toBe('indeterminate ETLS');
  });
});

/** Alice's password is one on both servers, as if a directory held it. */
const rig =
  (engine: Engine, more: object = {}) =>
  async (bench: Bench): Promise<Rig> => {
    const config = sqlLogin.config.parse({ engine, hosts: [at(engine)], ...more });
    return {
      connection: await sqlLogin.open(config, bench.io('path')),
      account: { system: 'directory', id: 'entry-1', name: 'alice' },
      old: engine === 'postgresql' ? (pg.secrets.alice ?? '') : (maria.secrets['alice@%'] ?? ''),
      accepts: () => true,
    };
  };

const fixtureOf = (engine: Engine): ContractFixture => ({
  connector: sqlLogin,
  badConfig: { config: { engine, hosts: [{ host: 'db.example', port: 'many' }] }, field: 'port' },
  situations: {
    plain: rig(engine),
    unreachable: async (bench) => rig(engine, { hosts: [{ host: '127.0.0.1', port: await freePort() }] })(bench),
    ...(engine === 'postgresql'
      ? {
          'accept-any': async (bench: Bench): Promise<Rig> => ({
            ...(await rig(engine)(bench)),
            account: { system: 'directory', id: 'entry-2', name: 'open_to_all' },
          }),
        }
      : {}),
  },
});

for (const engine of ['postgresql', 'mariadb'] as const)
  describe(`sql-login, engine ${engine}`, () => {
    for (const row of contractRows(fixtureOf(engine), { timeoutMs: 1500 }))
      test.skipIf(row.skipped !== undefined)(row.name + (row.skipped === undefined ? '' : ` [${row.skipped}]`), row.run);
  });
