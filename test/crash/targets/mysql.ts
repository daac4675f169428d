// Accounts of a MySQL in miniature: there is no Debian package of the real one.
import { mysql } from '../../../src/connectors/mysql/mysql.ts';
import { MysqlSimulator } from '../../../src/connectors/mysql/simulator.ts';
import { sha2Hash } from '../../../src/protocols/mysql/password-hash.ts';
import { secretOf } from '../../../src/seal/secret.ts';
import { io, names } from '../io.ts';
import type { CrashTarget } from '../target.ts';

export async function start(accounts: number): Promise<CrashTarget> {
  const own = 'Own-v4lue-of-rekey!';
  const account = (user: string, password: string) => ({
    user,
    host: '%',
    plugin: 'caching_sha2_password',
    stored: sha2Hash(secretOf('first', password)),
  });
  const users = names(accounts);
  const oldOf = (user: string): string => `0ld-v4lue-of-${user}!`;
  const simulator = new MysqlSimulator([account('rekey', own), ...users.map((user) => account(user, oldOf(user)))]);
  const behind = { host: '127.0.0.1', port: await simulator.listen() };
  return {
    accounts: users.map((user) => ({ ref: { id: `${user}@%`, name: `${user}@%`, login: user }, old: oldOf(user) })),
    open: (reach, at = behind) => mysql.open(mysql.config.parse({ ...at, user: 'rekey', password: { env: 'OWN' } }), io(reach, own)),
    accepts: ({ ref }, text) => simulator.opens(ref.login ?? '', text),
    behind,
    stop: async () => simulator.close(),
  };
}
