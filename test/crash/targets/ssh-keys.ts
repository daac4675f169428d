// Keys in the authorized_keys of users of a host with a real sshd.
import { ground, keyPair, logsIn } from '../../lab/ssh-ground.ts';
import { names } from '../io.ts';
import type { CrashTarget } from '../target.ts';

export async function start(accounts: number): Promise<CrashTarget> {
  const users = await Promise.all(names(accounts, 'app').map(async (name) => ({ name, pair: await keyPair('v0', name) })));
  const on = await ground(
    users.map(({ name, pair }) => ({ name, keys: [pair.line] })),
    [],
    ['ssh-keys'],
  );
  return {
    accounts: users.map(({ name, pair }, n) => ({ ref: { id: `${20_001 + n}:${name}`, name }, old: pair.text })),
    open: (reach, at = on.lab) => on.keys({ host: at.host, port: at.port }, { ...reach, timeoutMs: 8000 }),
    accepts: ({ ref }, text) => logsIn(on.lab.port, ref.name, { privateKey: text }),
    behind: { host: on.lab.host, port: on.lab.port },
    atOnce: 6,
    stop: () => on.stop(),
  };
}
