// Roles of a real PostgreSQL.
import { ground } from '../../lab/postgresql-ground.ts';
import { names } from '../io.ts';
import type { CrashTarget } from '../target.ts';

export async function start(accounts: number): Promise<CrashTarget> {
  const roles = names(accounts);
  const on = await ground({ roles });
  return {
    accounts: roles.map((name) => ({ ref: on.ref(name), old: on.lab.secrets[name] ?? '' })),
    open: (reach, at = on.lab) => on.open({ host: at.host, port: at.port }, reach),
    accepts: async ({ ref }, text) => {
      try {
        await (await on.session(ref.name, text)).end();
        return true;
      } catch (error) {
        if ((error as { code?: string }).code === '28P01') return false; // the driver hands on the server's code
        throw error;
      }
    },
    behind: { host: on.lab.host, port: on.lab.port },
    stop: () => on.stop(),
  };
}
