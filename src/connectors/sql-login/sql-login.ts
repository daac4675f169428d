// Databases as a way to log in to accounts that another system holds: the same password is tried on every server of a list.
import { type AccountRef, defineConnector, type Io, type Probed, type Secret } from '../../kit/kit.ts';
import { pathSupports } from '../../kit/roles.ts';
import { userOf } from '../../kit/settings.ts';
import { attemptLogin } from '../../protocols/mysql/probe.ts';
import type { Endpoint } from '../../protocols/mysql/settings.ts';
import { type Config, config, endpoints } from './config.ts';
import { attempt as attemptPostgresql } from './postgresql-login.ts';

export const sqlLogin = defineConnector({
  id: 'sql-login',
  title: 'Database login (PostgreSQL, MySQL, MariaDB)',
  role: 'path',
  config,
  supports: pathSupports,
  permissions: { probe: ['the accounts may log in to the servers from this machine; Rekey itself needs no account there'] },
  derivatives: [],
  pace: { perSecond: 100, concurrency: 8, setMs: 1, probeMs: 20 },
  async open(settings, io) {
    const servers = endpoints(settings, io);
    const attempt = await attemptOn(settings, io);
    return {
      probe: {
        async paths() {
          return servers.map(({ replica }) => ({ path: settings.engine, replica }));
        },
        async attempt(account, secret, where) {
          const endpoint = servers.find(({ replica }) => replica === where.replica);
          if (endpoint === undefined || where.path !== settings.engine) return { verdict: 'indeterminate', code: 'no-such-path' };
          if (secret.use((bytes) => bytes.length === 0)) return { verdict: 'indeterminate', code: 'empty-secret' };
          return attempt(endpoint, account, secret);
        },
      },
      async [Symbol.asyncDispose]() {},
    };
  },
});

type Attempt = (endpoint: Endpoint, account: AccountRef, secret: Secret) => Promise<Probed>;

async function attemptOn(settings: Config, io: Io): Promise<Attempt> {
  const user = (account: AccountRef): string => userOf(settings.user, account);
  if (settings.engine === 'postgresql') {
    const driver = await import('pg');
    const { database = 'postgres', external } = settings;
    return (endpoint, account, secret) => attemptPostgresql(driver, endpoint, { user: user(account), secret, database, external }, io);
  }
  const driver = await import('mysql2');
  const { database, clear } = settings;
  return (endpoint, account, secret) =>
    attemptLogin(driver, endpoint, { user: user(account), secret, clear, ...(database === undefined ? {} : { database }) }, io);
}
