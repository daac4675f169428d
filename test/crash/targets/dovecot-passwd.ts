// Users of a real Dovecot and its password file. What a proxy can lose is the login that shows that Dovecot takes the new value.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDovecot } from '../../../lab/dovecot.ts';
import { imapOf, openOn, takes, unhurt } from '../../lab/dovecot-passwd-ground.ts';
import type { CrashTarget } from '../target.ts';

export async function start(accounts: number): Promise<CrashTarget> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-crash-dovecot-'));
  const users = Array.from({ length: accounts }, (_, n) => `user${n}@lab.test`);
  const lab = await startDovecot({ dir, users, settings: unhurt });
  return {
    accounts: users.map((name) => ({ ref: { id: name, name }, old: lab.secrets[name] ?? '' })),
    open: (reach, at = lab) => openOn(lab, { imap: imapOf(lab, at.port) }, { ...reach, timeoutMs: 8000 }),
    accepts: ({ ref }, text) => takes(lab.port, ref.name, text),
    behind: { host: lab.host, port: lab.port },
    stop: async () => {
      await lab.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
