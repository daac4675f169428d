// Application credentials of a real Keystone, and its EC2 keys: the target makes the value.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKeystone } from '../../../lab/keystone.ts';
import { secretOf } from '../../../src/seal/secret.ts';
import { holderRef, type Kind, made, openCredentials } from '../../lab/keystone-credentials-open.ts';
import { names } from '../io.ts';
import type { CrashAccount, CrashTarget } from '../target.ts';

async function startKind(kind: Kind, accounts: number): Promise<CrashTarget> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-crash-kscred-'));
  const users = names(accounts, 'svc');
  const lab = await startKeystone({ dir: join(dir, 'ks'), users, workers: 1 });
  const { project } = (await lab.ask('GET', `/projects/${lab.project}`)).body as { project: { name: string } }; // Keystone's answer
  const all: CrashAccount[] = [];
  for (const name of users)
    all.push({ ref: { ...holderRef(lab, name), name: `${name}@${project.name}` }, old: (await made(lab, kind, name)).text });
  const own = { host: '127.0.0.1', port: lab.port };
  return {
    accounts: all,
    open: (reach, at = own) => openCredentials(lab, kind, { ...reach, timeoutMs: 30_000 }, { url: `http://${at.host}:${at.port}` }),
    accepts: async ({ ref }, text) => {
      await using past = await openCredentials(lab, kind);
      const [where] = await past.probe.paths();
      if (where === undefined) throw new Error('no path');
      const { verdict, code } = await past.probe.attempt({ system: 'lab-keystone', ...ref }, secretOf('x', text), where);
      if (verdict === 'indeterminate') throw new Error(`Keystone did not say: ${code}`);
      return verdict === 'accepted';
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

export const application = (accounts: number): Promise<CrashTarget> => startKind('application', accounts);
export const ec2 = (accounts: number): Promise<CrashTarget> => startKind('ec2', accounts);
