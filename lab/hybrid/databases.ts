// The databases and the broker of the hybrid lab.
import { join } from 'node:path';
import { startMariadb } from '../mariadb.ts';
import { startPostgres } from '../postgres.ts';
import { startRabbit } from '../rabbitmq.ts';
import { startRedis } from '../redis.ts';
import { numbered, type Part, part, withSecrets } from './part.ts';

const own = (variable: string) => ({ password: { env: variable } });

export async function postgresql(dir: string, size: number): Promise<Part> {
  const roles = numbered('app_', size);
  const lab = await startPostgres({ dir: join(dir, 'postgresql'), roles });
  return part('orders-db', 'postgresql', {
    tier: 1,
    config: { host: lab.host, port: lab.port, user: lab.rekey.user, ...own('LAB_PG'), include: ['app_*'] },
    env: { LAB_PG: lab.rekey.password },
    accounts: withSecrets(roles, lab.secrets),
    stop: () => lab.stop(),
  });
}

export async function mariadb(dir: string, size: number): Promise<Part> {
  const accounts = numbered('shop', size).map((name) => `${name}@%`);
  const lab = await startMariadb({ dir: join(dir, 'mariadb'), accounts });
  return part('shop-db', 'mariadb', {
    tier: 1,
    config: { host: lab.host, port: lab.port, user: lab.rekey.user, ...own('LAB_MARIADB'), include: ['shop*'] },
    env: { LAB_MARIADB: lab.rekey.password },
    accounts: withSecrets(accounts, lab.secrets),
    stop: () => lab.stop(),
  });
}

export async function redis(dir: string, size: number): Promise<Part> {
  const users = numbered('cache-', size);
  const lab = await startRedis({ dir: join(dir, 'redis'), users });
  return part('cache', 'redis', {
    config: { host: lab.host, port: lab.port, user: lab.rekey.user, ...own('LAB_REDIS'), include: ['cache-*'] },
    env: { LAB_REDIS: lab.rekey.password },
    accounts: withSecrets(users, lab.secrets),
    stop: () => lab.stop(),
  });
}

export async function rabbitmq(dir: string, size: number): Promise<Part> {
  const users = numbered('queue-', size);
  const lab = await startRabbit({ dir: join(dir, 'rabbitmq'), users });
  return part('queues', 'rabbitmq', {
    config: {
      host: lab.host,
      port: lab.port,
      amqp: [{ host: lab.host, port: lab.amqpPort }],
      user: lab.rekey.user,
      ...own('LAB_RABBITMQ'),
      include: ['queue-*'],
    },
    env: { LAB_RABBITMQ: lab.rekey.password },
    accounts: withSecrets(users, lab.secrets),
    stop: () => lab.stop(),
  });
}
