// Active Directory in the hybrid lab: one or two controllers, each proved over LDAPS, Kerberos and SMB.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LabSamba, startSamba } from '../samba.ts';
import { type Part, part } from './part.ts';

/** With the lab's own grip on the domain: replication, controllers that are stopped, counts of failures. */
export type DirectoryPart = Part & { readonly domain: LabSamba };

/** `lockable`: people under a policy that locks after three failures. */
export type DirectorySize = { readonly people: number; readonly services: number; readonly controllers: 1 | 2; readonly lockable?: number };

export async function activeDirectory(dir: string, size: DirectorySize): Promise<DirectoryPart> {
  const { people, services, controllers, lockable = 0 } = size;
  const lab = await startSamba({
    dir: join(dir, 'samba'),
    controllers,
    people,
    services,
    lockable,
    strict: 0,
    replicates: true,
    smb: true,
  });
  const ca = join(dir, 'ad-ca.pem');
  writeFileSync(ca, readFileSync(lab.ca));
  const each = (count: number, name: (n: number) => string) => Array.from({ length: count }, (_, n) => name(n));
  const names = [...each(people, lab.names.person), ...each(services, lab.names.service), ...each(lockable, lab.names.lockable)];
  const hosts = lab.controllers.map(({ ip }) => ({ host: ip }));
  const made = part('corp-ad', 'active-directory', {
    tier: 0,
    config: {
      controllers: lab.controllers.map(({ url }) => url),
      bind: { user: lab.rekey.user, password: { env: 'LAB_AD' } },
      ca,
      filter: '(&(objectCategory=person)(|(sAMAccountName=p*)(sAMAccountName=svc-*)(sAMAccountName=lock*)))',
      // Its Tier-0 secrets that are no accounts are nobody's to reset here.
      tierZero: false,
    },
    paths: [
      { id: 'kerberos', probe: 'kerberos', config: { realm: lab.realm, kdcs: hosts } },
      { id: 'files', probe: 'smb', config: { servers: hosts, workgroup: 'LAB' } },
    ],
    env: { LAB_AD: lab.rekey.password },
    accounts: names.map((name) => ({ name, secret: lab.firstPassword(name) })),
    stop: () => lab.stop(),
  });
  return { ...made, domain: lab };
}
