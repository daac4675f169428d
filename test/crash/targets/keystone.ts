// Users of a real Keystone.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKeystone } from '../../../lab/keystone.ts';
import { openKeystone, userRef } from '../../lab/keystone-open.ts';
import { names } from '../io.ts';
import type { CrashTarget } from '../target.ts';

export async function start(accounts: number): Promise<CrashTarget> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-crash-keystone-'));
  const users = names(accounts);
  const lab = await startKeystone({ dir: join(dir, 'ks'), users, workers: 1 });
  const own = { host: '127.0.0.1', port: lab.port };
  return {
    accounts: users.map((name) => ({ ref: userRef(lab, name), old: lab.users.get(name)?.password ?? '' })),
    open: (reach, at = own) => openKeystone(lab, { ...reach, timeoutMs: 30_000 }, { url: `http://${at.host}:${at.port}` }),
    // While another request writes, SQLite may have a login answered with 500: one that works is enough.
    accepts: async ({ ref }, text) => {
      for (let tries = 0; tries < 3; tries++) if ((await lab.login(ref.id, text)) !== undefined) return true;
      return false;
    },
    behind: own,
    atOnce: 4,
    most: 12,
    stop: async () => {
      await lab.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
