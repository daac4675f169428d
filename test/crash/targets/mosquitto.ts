// Users of a real Mosquitto and its password file. What a proxy can lose is the login that shows that the broker has read the file.
import { ground } from '../../lab/mosquitto-ground.ts';
import { names, opens } from '../io.ts';
import type { CrashTarget } from '../target.ts';

export async function start(accounts: number): Promise<CrashTarget> {
  const users = names(accounts);
  const on = await ground({ users });
  return {
    accounts: users.map((name) => ({ ref: on.ref(name), old: on.lab.secrets[name] ?? '' })),
    open: (reach, at = on.lab) => on.open({ port: at.port }, reach),
    accepts: ({ ref }, text) => opens(() => on.session(ref.name, text)),
    behind: { host: on.lab.host, port: on.lab.port },
    stop: () => on.stop(),
  };
}
