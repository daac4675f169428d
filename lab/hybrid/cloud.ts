// The cloud of the hybrid lab: users of an OpenStack Identity service.
import { join } from 'node:path';
import { startKeystone } from '../keystone.ts';
import { numbered, type Part, part } from './part.ts';

export async function cloud(dir: string, size: number): Promise<Part> {
  const names = numbered('cloud-', size);
  const lab = await startKeystone({ dir: join(dir, 'keystone'), users: names });
  return part('cloud', 'keystone', {
    tier: 1,
    config: {
      url: lab.url,
      user: lab.admin.user,
      password: { env: 'LAB_KEYSTONE' },
      project: lab.admin.project,
      // What keystone.conf of the lab says; the service shows it to nobody.
      lockout: { attempts: 5, seconds: 60 },
      policy: { passwordExpiresDays: 90 },
      tokenCacheSeconds: 0,
    },
    env: { LAB_KEYSTONE: lab.admin.password },
    // Its SQLite takes one writer: logins side by side, each of which writes, are answered with 500 now and then.
    limits: { concurrency: 1 },
    accounts: [...lab.users.values()].map(({ name, password }) => ({ name, secret: password })),
    stop: () => lab.stop(),
  });
}
