// Rows of a table of a real PostgreSQL.
import { ground } from '../../lab/pg-table-ground.ts';
import type { CrashStore } from '../target.ts';

export async function start(): Promise<CrashStore> {
  const on = await ground();
  return {
    place: async (old) => ({ ref: (await on.row(old)).ref }),
    open: (reach, at = on.lab) => on.open({ host: at.host, port: at.port }, reach),
    holds: async (ref, text) => (await on.value(Number(ref.split('=')[1]))) === text,
    behind: { host: on.lab.host, port: on.lab.port },
    stop: () => on.stop(),
  };
}
