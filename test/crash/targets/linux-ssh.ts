// Users of a host with a real sshd, sudo, chpasswd and PAM.
import { ground, logsIn } from '../../lab/ssh-ground.ts';
import { names } from '../io.ts';
import type { CrashTarget } from '../target.ts';

export async function start(accounts: number): Promise<CrashTarget> {
  const users = names(accounts, 'app');
  const on = await ground(users, [], ['linux-ssh']);
  return {
    accounts: users.map((name, n) => ({ ref: { id: `${20_001 + n}:${name}`, name }, old: on.lab.secrets[name] ?? '' })),
    open: (reach, at = on.lab) => on.passwords({ host: at.host, port: at.port }, { ...reach, timeoutMs: 8000 }),
    accepts: ({ ref }, text) => logsIn(on.lab.port, ref.name, { password: text }),
    behind: { host: on.lab.host, port: on.lab.port },
    atOnce: 6,
    stop: () => on.stop(),
  };
}
