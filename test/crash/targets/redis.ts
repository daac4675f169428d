// Users of a real Redis with an ACL file.
import { ground } from '../../lab/redis-ground.ts';
import { names, opens } from '../io.ts';
import type { CrashTarget } from '../target.ts';

export async function start(accounts: number): Promise<CrashTarget> {
  const users = names(accounts);
  const on = await ground({ users });
  return {
    accounts: users.map((name) => ({ ref: { id: name, name }, old: on.lab.secrets[name] ?? '' })),
    open: (reach, at = on.lab) => on.open({ host: at.host, port: at.port, nodes: [] }, reach),
    accepts: ({ ref }, text) => opens(() => on.lab.session(ref.name, text)),
    behind: { host: on.lab.host, port: on.lab.port },
    stop: () => on.stop(),
  };
}
