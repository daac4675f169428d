// Keys of a real etcd.
import { ground } from '../../lab/etcd-ground.ts';
import type { CrashStore } from '../target.ts';

export async function start(): Promise<CrashStore> {
  const on = await ground();
  return {
    place: async (old) => ({ ref: await on.key(old) }),
    open: (reach, at = { host: '127.0.0.1', port: on.lab.port }) => on.open({ endpoints: [`http://${at.host}:${at.port}`] }, reach),
    holds: async (ref, text) => (await on.lab.get(ref))?.value === text,
    behind: { host: '127.0.0.1', port: on.lab.port },
    stop: () => on.stop(),
  };
}
