// Every target of the sweep by its connector. A connector of which there are several forms has a target for each.
import type { CrashStore, CrashTarget, Start } from './target.ts';

type Forms<T> = () => Promise<{ readonly [form: string]: Start<T> }>;

export const systemTargets: Readonly<Record<string, Forms<CrashTarget>>> = {
  'active-directory': () => import('./targets/active-directory.ts'),
  'dovecot-passwd': () => import('./targets/dovecot-passwd.ts'),
  htpasswd: () => import('./targets/htpasswd.ts'),
  http: () => import('./targets/http.ts'),
  keystone: () => import('./targets/keystone.ts'),
  'keystone-credentials': () => import('./targets/keystone-credentials.ts'),
  ldap: () => import('./targets/ldap.ts'),
  'linux-ssh': () => import('./targets/linux-ssh.ts'),
  mariadb: () => import('./targets/mariadb.ts'),
  mosquitto: () => import('./targets/mosquitto.ts'),
  mysql: () => import('./targets/mysql.ts'),
  oidc: () => import('./targets/oidc.ts'),
  postgresql: () => import('./targets/postgresql.ts'),
  rabbitmq: () => import('./targets/rabbitmq.ts'),
  redis: () => import('./targets/redis.ts'),
  scim: () => import('./targets/scim.ts'),
  'ssh-keys': () => import('./targets/ssh-keys.ts'),
  twin: () => import('./targets/twin.ts'),
  x509: () => import('./targets/x509.ts'),
};

export const storeTargets: Readonly<Record<string, Forms<CrashStore>>> = {
  etcd: () => import('./targets/etcd.ts'),
  file: () => import('./targets/file.ts'),
  'github-actions': () => import('./targets/github-actions.ts'),
  'gitlab-ci': () => import('./targets/gitlab-ci.ts'),
  kubernetes: () => import('./targets/kubernetes.ts'),
  'pg-table': () => import('./targets/pg-table.ts'),
  'vault-kv': () => import('./targets/vault-kv.ts'),
};
