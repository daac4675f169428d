// The incident: who has an account, whose password leaked, what runs on these credentials, who mistyped, which forgotten job keeps failing, and who is in with a stolen password.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { readEvents } from '../../../lab/live-client.ts';
import { sleep } from '../../../lab/process.ts';
import { type Bearer, type Consumers, startConsumers } from './consumers.ts';
import type { Ground } from './ground.ts';
import type { HealthTarget } from './health.ts';
import { login } from './outside.ts';
import { size } from './size.ts';
import { startWorkload, type Workload, writeScripts } from './workloads.ts';

export type Account = {
  readonly system: 'corp-ldap' | 'orders-db';
  readonly name: string;
  readonly target: HealthTarget;
  readonly first: string;
  readonly leaked: boolean;
};
export type Thief = { readonly role: string; readonly lost: Promise<string>; readonly client: pg.Client };
export type Incident = {
  readonly accounts: readonly Account[];
  readonly consumers: Consumers;
  readonly noise: readonly Workload[];
  readonly thieves: readonly Thief[];
};

export async function startIncident(ground: Ground): Promise<Incident> {
  const { slapd, lab } = ground;
  const ldap = (dn: string): HealthTarget => ({ kind: 'ldap', url: slapd.url, dn });
  const postgres = (user: string): HealthTarget => ({ kind: 'postgres', host: lab.host, port: lab.port, user });
  const directory = [slapd.people, slapd.services].flatMap((members) =>
    Array.from({ length: members.count }, (_, n): Account => {
      const uid = members.uid(n);
      return { system: 'corp-ldap', name: uid, target: ldap(members.dn(n)), first: slapd.initialPassword(uid), leaked: n % 2 === 0 };
    }),
  );
  const roles = Array.from({ length: size.roles }, (_, n): Account => {
    const name = ground.role(n);
    return { system: 'orders-db', name, target: postgres(name), first: lab.secrets[name] ?? '', leaked: n % 2 === 0 };
  });
  const accounts = [...directory, ...roles];

  const services = directory.slice(slapd.people.count);
  // The last ones share the accounts of the first: two consumers of one reset.
  const bearers = Array.from({ length: size.consumers }, (_, n): Bearer => {
    const [pool, shared] = n % 2 === 0 ? [services, n >= size.consumers - 4] : [roles, n >= size.consumers - 4];
    const account = pool[shared ? (n - size.consumers + 4) >> 1 : n >> 1] as Account;
    return {
      system: account.system,
      account: account.target.kind === 'ldap' ? account.target.dn : account.name,
      target: account.target,
      secret: account.first,
    };
  });
  const scripts = writeScripts(join(ground.dir, 'scripts'));
  const consumers = await startConsumers(ground.dir, scripts, bearers, size.live);

  // Somebody's forgotten job, with a password that was never right: on a role, and on a directory account that it keeps just below its lock.
  const forgotten = join(ground.dir, 'forgotten.secret');
  writeFileSync(forgotten, 'never-was-right-1aA\n');
  slapd.asRoot(
    `dn: cn=jobs,ou=policies,${slapd.base}\nchangetype: add\nobjectClass: device\nobjectClass: pwdPolicy\ncn: jobs\npwdAttribute: userPassword\npwdCheckQuality: 2\npwdMinLength: 12\npwdInHistory: 3\npwdLockout: TRUE\npwdMaxFailure: 6\npwdFailureCountInterval: 3\n\n` +
      `dn: ${slapd.services.dn(slapd.services.count - 1)}\nchangetype: modify\nadd: pwdPolicySubentry\npwdPolicySubentry: cn=jobs,ou=policies,${slapd.base}\n`,
  );
  const role = ground.role(size.roles - 1);
  const noise = [
    ['pg', '--target', `postgres://${role}@${lab.host}:${lab.port}/postgres`, '400'],
    ['ldap', '--target', slapd.url, '1600', '--dn', slapd.services.dn(slapd.services.count - 1)],
  ].map(([name = '', flag = '', target = '', retry = '', ...more]) =>
    startWorkload(
      scripts,
      [flag, target, '--file', forgotten, '--retry', retry, '--log', join(ground.dir, `noise-${name}.ndjson`), ...more],
      join(ground.dir, `noise-${name}.pid`),
    ),
  );
  // People mistype: one wrong password counts against twenty of them, two against five.
  for (let n = 0; n < 20; n++) for (let times = n < 5 ? 2 : 1; times > 0; times--) await login(ldap(slapd.people.dn(n + 1)), 'mistyped');
  // Whoever stole the old passwords is in already.
  const thieves: Thief[] = [];
  for (let n = 0; n < Math.min(10, size.roles); n++) {
    const user = ground.role(n);
    const client = new pg.Client({
      host: lab.host,
      port: lab.port,
      user,
      password: lab.secrets[user] ?? '',
      database: 'postgres',
      ssl: false,
      application_name: 'thief',
    });
    const lost = new Promise<string>((resolve) => client.on('error', (error) => resolve(String((error as { code?: string }).code))));
    await client.connect();
    thieves.push({ role: user, lost, client });
  }
  for (const { live } of consumers.all)
    for (let waited = 0; live !== undefined && !readEvents(live.log).some(({ event }) => event === 'connected'); waited += 50) {
      if (waited > 15_000) throw new Error(`a workload did not connect: ${live.log}`);
      await sleep(50);
    }
  return { accounts, consumers, noise, thieves };
}
