// People of a real Samba domain controller.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSamba } from '../../../lab/samba.ts';
import { accountsOf, bindsAs, openAd, refOf } from '../../lab/active-directory-ground.ts';
import type { CrashTarget } from '../target.ts';

export async function start(accounts: number): Promise<CrashTarget> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-crash-ad-'));
  const lab = await startSamba({ dir, people: accounts });
  const reader = await openAd(lab);
  const refs = await accountsOf(reader);
  await reader[Symbol.asyncDispose]();
  const own = { host: lab.controllers[0]?.ip ?? '', port: 636 };
  return {
    accounts: Array.from({ length: accounts }, (_, n) => lab.names.person(n)).map((name) => ({
      ref: refOf(refs, name),
      old: lab.firstPassword(name),
    })),
    open: (reach, at = own) => openAd(lab, { controllers: [`ldaps://${at.host}:${at.port}`] }, { io: reach }),
    accepts: ({ ref }, text) => bindsAs(lab, ref.name, text),
    behind: own,
    atOnce: 4,
    most: 12,
    stop: async () => {
      await lab.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
