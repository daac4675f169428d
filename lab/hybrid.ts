// A whole hybrid estate of real servers in one folder, with the estate file, the leaked secrets and the environment to run Rekey against it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { activeDirectory, type DirectoryPart } from './hybrid/active-directory.ts';
import { cloud } from './hybrid/cloud.ts';
import { mariadb, postgresql, rabbitmq, redis } from './hybrid/databases.ts';
import { linux } from './hybrid/linux.ts';
import { mail } from './hybrid/mail.ts';
import { openLdap } from './hybrid/open-ldap.ts';
import type { Part } from './hybrid/part.ts';
import { singleSignOn } from './hybrid/single-sign-on.ts';

export type HybridSize = {
  /** People and services of each directory. */
  readonly people: number;
  readonly services: number;
  /** People of Active Directory under a policy that locks after three failures. */
  readonly lockable?: number;
  /** Accounts of every other system. */
  readonly each: number;
  readonly controllers: 1 | 2;
};
export type Hybrid = {
  /** The estate's folder: rekey.yaml, exposed.csv and `env`, which a shell can source. */
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly parts: readonly Part[];
  /** Undefined where it was not picked. */
  readonly directory: DirectoryPart | undefined;
  stop(): Promise<void>;
};

/** Every server at once; what fails to start stops the others. `pick`: names of servers; left out: all. */
export async function startHybrid(dir: string, size: HybridSize, pick?: readonly string[]): Promise<Hybrid> {
  let directory: DirectoryPart | undefined;
  const one = async (making: Promise<Part>): Promise<readonly Part[]> => [await making];
  const makers: Record<string, () => Promise<readonly Part[]>> = {
    'corp-ad': async () => {
      directory = await activeDirectory(dir, size);
      return [directory];
    },
    'corp-ldap': () => one(openLdap(dir, size)),
    'orders-db': () => one(postgresql(dir, size.each)),
    'shop-db': () => one(mariadb(dir, size.each)),
    cache: () => one(redis(dir, size.each)),
    queues: () => one(rabbitmq(dir, size.each)),
    'build-host': () => one(linux(dir, size.each)),
    cloud: () => one(cloud(dir, size.each)),
    mail: () => one(mail(dir, size.each)),
    'sign-on': () => singleSignOn(size.each),
  };
  mkdirSync(dir, { recursive: true });
  const wanted = pick ?? Object.keys(makers);
  const unknown = wanted.find((id) => makers[id] === undefined);
  if (unknown !== undefined) throw new Error(`the hybrid lab has no ${unknown}: one of ${Object.keys(makers).join(', ')}`);
  const started = await Promise.allSettled(wanted.map((id) => (makers[id] as () => Promise<readonly Part[]>)()));
  const parts = started.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
  const stop = async (): Promise<void> => {
    await Promise.allSettled(parts.map((each) => each.stop()));
  };
  const failed = started.find((each) => each.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const home = join(dir, 'estate');
  mkdirSync(home, { recursive: true });
  const env = Object.assign({}, ...parts.map((each) => each.env)) as Record<string, string>;
  writeEstate(home, parts, env);
  return { home, env, parts, directory, stop };
}

function writeEstate(home: string, parts: readonly Part[], env: Readonly<Record<string, string>>): void {
  // JSON is YAML: every block stands as it was made.
  const systems = parts.map((each) => `  - ${JSON.stringify(each.system)}\n`).join('');
  writeFileSync(
    join(home, 'rekey.yaml'),
    `apiVersion: rekey/v1\nestate: hybrid-lab\nkeyring: { provider: file, path: .rekey/keyring }\napprovals: { count: 0, tier0: 0, self: true }\nsystems:\n${systems}`,
  );
  const rows = parts.flatMap((each) => each.accounts.map(({ name, secret }) => `${each.system.id},${name},${secret}\n`));
  writeFileSync(join(home, 'exposed.csv'), `system,account,secret\n${rows.join('')}`, { mode: 0o600 });
  const quoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;
  writeFileSync(
    join(home, 'env'),
    Object.entries(env)
      .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
      .join(''),
    { mode: 0o600 },
  );
}
