// The Linux host of the hybrid lab: accounts of its own, proved by SSH logins.
import { join } from 'node:path';
import { startSshd } from '../sshd.ts';
import { numbered, type Part, part, withSecrets } from './part.ts';

export async function linux(dir: string, size: number): Promise<Part> {
  const names = numbered('ops', size);
  const lab = await startSshd({ dir: join(dir, 'sshd'), accounts: names, sudoers: 'rekey ALL=(root) NOPASSWD: ALL' });
  return part('build-host', 'linux-ssh', {
    config: {
      host: lab.host,
      port: lab.port,
      hostKey: lab.fingerprint,
      user: lab.rekey.user,
      privateKey: { env: 'LAB_SSH' },
      include: ['ops*'],
    },
    env: { LAB_SSH: lab.rekey.privateKey },
    accounts: withSecrets(names, lab.secrets),
    stop: () => lab.stop(),
  });
}
