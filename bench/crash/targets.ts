// The three targets of the sweep: a real slapd and a real PostgreSQL behind proxies that lose answers, and a twin that keeps its own record. Oracles ask them from outside.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'ldapts';
import pg from 'pg';
import { startPostgres } from '../../lab/postgres.ts';
import { startSlapd } from '../../lab/slapd.ts';
import { type Armed, startSwallow } from '../../lab/swallow.ts';
import { twinOracle } from '../../src/connectors/twin/oracle.ts';
import { initialSecret } from '../../src/connectors/twin/seeded.ts';
import type { CrashSetup } from './setup.ts';

export type Target = {
  readonly system: CrashSetup['systems'][number];
  /** Account name → the secret it was created with. */
  readonly initial: (name: string, id: string) => string;
  accepts(name: string, id: string, secret: string): Promise<boolean>;
  /** Loses the answer of the next write after the target applied it. */
  swallow(): void;
  /** How many answers were lost so far. */
  swallowed(): number;
  stop(): Promise<void>;
};

export async function startTargets(dir: string, accounts: number): Promise<readonly Target[]> {
  return Promise.all([
    ldapTarget(join(dir, 'slapd'), accounts),
    postgresTarget(join(dir, 'postgres'), accounts),
    twinTarget(join(dir, 'twin.log'), accounts),
  ]);
}

function losing(arm: () => Armed): Pick<Target, 'swallow' | 'swallowed'> {
  const armed: Armed[] = [];
  return { swallow: () => void armed.push(arm()), swallowed: () => armed.reduce((n, a) => n + a.hits, 0) };
}

/** RFC 3062's request carries its own name, so the proxy can tell it from a bind. */
const passwordModify = Buffer.from('1.3.6.1.4.1.4203.1.11.1');

async function ldapTarget(dir: string, accounts: number): Promise<Target> {
  const slapd = await startSlapd({ dir, people: 0, services: accounts, loglevel: 'none', sync: false, ppolicy: { maxFailure: 5 } });
  const proxy = await startSwallow({ target: { host: '127.0.0.1', port: Number(new URL(slapd.url).port) } });
  process.env.REKEY_BENCH_LDAP = slapd.bindPassword;
  return {
    system: {
      id: 'ldap',
      connector: 'ldap',
      config: {
        url: `ldap://127.0.0.1:${proxy.port}`,
        base: slapd.base,
        bind: { dn: slapd.bindDn, password: { env: 'REKEY_BENCH_LDAP' } },
        filter: '(uid=svc*)',
      },
    },
    initial: (name) => slapd.initialPassword(name.replace(/^uid=/, '')),
    accepts: async (name, _id, secret) => {
      const client = new Client({ url: slapd.url, timeout: 5000, connectTimeout: 5000 });
      try {
        const uid = name.replace(/^uid=/, '');
        const index = Array.from({ length: accounts }, (_, i) => i).find((i) => slapd.services.uid(i) === uid) ?? 0;
        await client.bind(slapd.services.dn(index), secret);
        return true;
      } catch (error) {
        if ((error as { code?: number }).code === 49) return false;
        throw error;
      } finally {
        await client.unbind();
      }
    },
    ...losing(() => proxy.swallowReplies(passwordModify)),
    stop: async () => {
      await proxy.stop();
      await slapd.stop();
    },
  };
}

async function postgresTarget(dir: string, accounts: number): Promise<Target> {
  const server = await startPostgres({ dir, roles: Array.from({ length: accounts }, (_, i) => `app_${i}`) });
  const proxy = await startSwallow({ target: { host: server.host, port: server.port } });
  process.env.REKEY_BENCH_PG = server.rekey.password;
  return {
    system: {
      id: 'pg',
      connector: 'postgresql',
      config: {
        host: '127.0.0.1',
        port: proxy.port,
        database: server.database,
        user: server.rekey.user,
        password: { env: 'REKEY_BENCH_PG' },
        include: ['app_*'],
      },
    },
    initial: (name) => server.secrets[name] as string,
    accepts: async (name, _id, secret) => {
      const client = new pg.Client({
        host: server.host,
        port: server.port,
        database: server.database,
        user: name,
        password: secret,
        connectionTimeoutMillis: 5000,
      });
      client.on('error', () => undefined);
      try {
        await client.connect();
        return true;
      } catch (error) {
        if ((error as { code?: string }).code === '28P01') return false;
        throw error;
      } finally {
        await client.end().catch(() => undefined);
      }
    },
    ...losing(() => proxy.swallowReplies(Buffer.from('ALTER ROLE'))),
    stop: async () => {
      await proxy.stop();
      await server.stop();
    },
  };
}

async function twinTarget(file: string, accounts: number): Promise<Target> {
  const seed = 'crash';
  const config = {
    seed,
    accounts: { people: accounts, services: 0, unowned: 0, shared: 0, disabled: 0, privileged: 0 },
    sessions: 1,
    state: { file },
    faults: [
      { op: 'set', kind: 'swallow-reply', probability: 0.15 },
      { op: 'set', kind: 'lose-request', probability: 0.1 },
    ],
  };
  return {
    system: { id: 'twin', connector: 'twin', config },
    initial: (_name, id) => initialSecret(seed, 'twin', id),
    accepts: async (_name, id, secret) => {
      readFileSync(file);
      const oracle = twinOracle('twin', config, file);
      try {
        return oracle.accepts(id, secret);
      } finally {
        oracle.close();
      }
    },
    // Its own faults lose answers and requests.
    swallow: () => undefined,
    swallowed: () => 0,
    stop: async () => undefined,
  };
}
