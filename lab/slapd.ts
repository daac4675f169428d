// Real OpenLDAP servers for tests and benches: own CA, password policy, a delegated admin that is not rootdn, replicas whose feed can be held.
import { execFileSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type HeldLine, heldLine } from './held-line.ts';
import { freePort, portOpen, startServer, stopServer } from './process.ts';
import { type Ppolicy, slapdConf } from './slapd-conf.ts';
import { estateLdif } from './slapd-ldif.ts';
import { serversCertificate } from './slapd-tls.ts';

export type SlapdOptions = {
  readonly dir: string;
  readonly port?: number;
  readonly people: number;
  readonly services: number;
  readonly ppolicy?: Ppolicy;
  readonly replicas?: number;
  /** ldaps with a CA of the lab's own stands beside plain ldap in every lab server. */
  readonly tls?: true;
  /** `stats` writes every operation to `log` (the secret canary greps it); `none` for benches. */
  readonly loglevel?: 'stats' | 'none';
  /** Initial passwords are HMAC(seed, uid): give the same seed to get the same estate again. Random when left out. */
  readonly seed?: string;
  /** fsync per commit, as in production. Off only where durability is not the subject. */
  readonly sync?: boolean;
  readonly idleTimeoutSeconds?: number;
  /** Global lines of slapd.conf, such as `allow bind_anon_cred`. */
  readonly directives?: readonly string[];
};
export type SlapdReplica = { readonly url: string; readonly ldapsUrl: string; readonly log: string; pause(): void; resume(): void };
export type Slapd = {
  readonly url: string;
  readonly ldapsUrl: string;
  readonly ca: string;
  readonly base: string;
  readonly bindDn: string;
  readonly bindPassword: string;
  readonly rootDn: string;
  readonly rootPassword: string;
  readonly policyDn: string;
  readonly log: string;
  readonly replicas: readonly SlapdReplica[];
  /** The password an account of this lab was created with: `people.uid(0)`, `services.uid(3)`, `rekey-canary`. */
  initialPassword(uid: string): string;
  readonly people: Members;
  readonly services: Members;
  /** LDIF changes as rootdn, for what a test needs and the delegated account may not do. */
  asRoot(ldif: string, url?: string): void;
  /** Stops the provider and starts it again on the same ports and data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};
export type Members = { readonly count: number; uid(index: number): string; dn(index: number): string };

const base = 'dc=lab,dc=test';
const members = (count: number, prefix: string, ou: string): Members => {
  const uid = (index: number) => `${prefix}${String(index).padStart(6, '0')}`;
  return { count, uid, dn: (index) => `uid=${uid(index)},ou=${ou},${base}` };
};

export async function startSlapd(options: SlapdOptions): Promise<Slapd> {
  const dir = resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o755);
  const seed = options.seed ?? randomBytes(16).toString('hex');
  const initialPassword = (uid: string) => `${createHmac('sha256', seed).update(uid).digest('base64url').slice(0, 20)}-1aA`;
  const people = members(options.people, 'p', 'people');
  const services = members(options.services, 'svc-', 'services');
  const tls = serversCertificate(dir);
  const bindPassword = randomBytes(18).toString('base64url');
  const rootPassword = randomBytes(18).toString('base64url');
  const policyDn = `cn=default,ou=policies,${base}`;
  const bindDn = `cn=rekey,${base}`;
  const rootDn = `cn=root,${base}`;
  const port = options.port ?? (await freePort());
  const stops: (() => Promise<void> | void)[] = [];
  const { sync = true, idleTimeoutSeconds: idle = 0, directives = [] } = options;
  const shared = { base, bindDn, rootDn, rootPassword, policyDn, tls, sync, idle, directives };

  const start = async (name: string, plain: number, feed?: number) => {
    const home = join(dir, name);
    mkdirSync(join(home, 'db'), { recursive: true });
    const conf = join(home, 'slapd.conf');
    writeFileSync(conf, slapdConf({ ...shared, home, ...(feed === undefined ? {} : { feed }) }), { mode: 0o600 });
    const ldif = join(home, 'estate.ldif');
    const estate = { base, bindDn, bindPassword, policyDn, people, services, initialPassword, ppolicy: options.ppolicy ?? {} };
    writeFileSync(ldif, feed === undefined ? estateLdif(estate) : slapcat(join(dir, 'provider', 'slapd.conf')), { mode: 0o600 });
    // -w: the state of replication is written with the data, so a replica begins where the provider is instead of fetching entry by entry.
    execFileSync('/usr/sbin/slapadd', ['-q', '-w', '-f', conf, '-l', ldif], { stdio: ['ignore', 'ignore', 'pipe'] });
    const secure = await freePort();
    const url = `ldap://127.0.0.1:${plain}`;
    const ldapsUrl = `ldaps://127.0.0.1:${secure}`;
    const log = join(home, 'slapd.log');
    const args = ['-f', conf, '-h', `${url}/ ${ldapsUrl}/`, '-d', options.loglevel === 'none' ? '0' : 'stats'];
    const pidFile = join(home, 'pid');
    const up = async () => {
      await startServer({ command: '/usr/sbin/slapd', args, log, pidFile });
      await portOpen(plain, name);
      await portOpen(secure, name);
    };
    stops.unshift(() => stopServer(pidFile));
    await up();
    const restart = async () => {
      await stopServer(pidFile);
      await up();
    };
    return { server: { url, ldapsUrl, log }, restart };
  };

  const stop = async () => {
    for (const each of stops) await each();
  };
  const provider = await start('provider', port).catch(async (error) => {
    await stop();
    throw error;
  });
  const replicas: SlapdReplica[] = [];
  for (let n = 1; n <= (options.replicas ?? 0); n++) {
    const line: HeldLine = await heldLine(port);
    stops.unshift(() => line.close());
    const replica = await start(`replica-${n}`, await freePort(), line.port);
    replicas.push({ ...replica.server, pause: () => line.pause(), resume: () => line.resume() });
  }
  const rootFile = join(dir, 'root.pw');
  writeFileSync(rootFile, rootPassword, { mode: 0o600 });
  const { server, restart } = provider;
  const asRoot = (ldif: string, url = server.url) => {
    execFileSync('ldapmodify', ['-x', '-H', url, '-D', rootDn, '-y', rootFile], { input: ldif, stdio: ['pipe', 'ignore', 'pipe'] });
  };
  const names = { ca: tls.ca, base, bindDn, bindPassword, rootDn, rootPassword, policyDn };
  return { ...server, ...names, replicas, initialPassword, people, services, asRoot, restart, stop };
}

const slapcat = (conf: string): Buffer =>
  execFileSync('/usr/sbin/slapcat', ['-f', conf], { stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 30 });
