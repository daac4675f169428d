// Accounts of a real MariaDB.
import { ground } from '../../lab/mariadb-ground.ts';
import { names } from '../io.ts';
import type { CrashTarget } from '../target.ts';

export async function start(accounts: number): Promise<CrashTarget> {
  const users = names(accounts);
  const on = await ground({ accounts: users.map((user) => `${user}@%`) });
  return {
    accounts: users.map((user) => ({ ref: on.ref(`${user}@%`), old: on.lab.secrets[`${user}@%`] ?? '' })),
    open: (reach, at = on.lab) => on.open({ host: at.host, port: at.port }, reach),
    accepts: async ({ ref }, text) => {
      try {
        await (await on.session(ref.login ?? '', text)).end();
        return true;
      } catch (error) {
        if ((error as { errno?: number }).errno === 1045) return false; // the driver hands on the server's number
        throw error;
      }
    },
    behind: { host: on.lab.host, port: on.lab.port },
    stop: () => on.stop(),
  };
}
