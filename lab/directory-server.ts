// A real 389 Directory Server on loopback, with ports, certificates and data in a folder of its own: nothing is written outside, systemd is not asked.
import { execFileSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { backendLdif, serverLdif, treeLdif } from './directory-server-ldif.ts';
import { freePort, portOpen, startServer, stopServer } from './process.ts';
import { serversCertificate } from './slapd-tls.ts';

export type DirectoryServer = {
  readonly url: string;
  readonly ldapsUrl: string;
  readonly ca: string;
  readonly base: string;
  readonly bindDn: string;
  readonly bindPassword: string;
  readonly rootDn: string;
  readonly rootPassword: string;
  readonly people: readonly string[];
  dn(uid: string): string;
  /** The password an account of this lab was created with. */
  initialPassword(uid: string): string;
  /** LDIF changes as the directory manager, whom no password policy binds. */
  asRoot(ldif: string): void;
  /** Everything the server wrote down. */
  logs(): string;
  restart(): Promise<void>;
  stop(): Promise<void>;
};

const command = '/usr/sbin/ns-slapd';
const base = 'dc=lab,dc=test';
const bindDn = `cn=rekey,${base}`;
const rootDn = 'cn=Directory Manager';

/** `policy`: settings of cn=config on top of the lab's. */
export async function startDirectoryServer(options: {
  readonly dir: string;
  readonly people: number;
  readonly policy?: Readonly<Record<string, string>>;
}): Promise<DirectoryServer> {
  if (!existsSync(command)) throw new Error('389 Directory Server is not installed: run npm run lab:install');
  const dir = resolve(options.dir);
  const [bindPassword, rootPassword, seed] = [18, 18, 16].map((length) => randomBytes(length).toString('base64url')) as [
    string,
    string,
    string,
  ];
  const initialPassword = (uid: string) => `${createHmac('sha256', seed).update(uid).digest('base64url').slice(0, 20)}-1aA`;
  const people = Array.from({ length: options.people }, (_, n) => `p${String(n).padStart(3, '0')}`);
  for (const folder of ['etc', 'db', 'log', 'run', 'lock', 'bak', 'ldif', 'tmp', 'inst']) mkdirSync(join(dir, folder), { recursive: true });
  cpSync('/etc/dirsrv/schema', join(dir, 'etc', 'schema'), { recursive: true });
  for (const file of readdirSync('/etc/dirsrv/config')) copyFileSync(join('/etc/dirsrv/config', file), join(dir, 'etc', file));
  const ca = certificates(dir);
  const [port, securePort] = [await freePort(), await freePort()];
  writeFileSync(join(dir, 'etc', 'dse.ldif'), serverLdif({ dir, base, port, securePort, rootDn, rootPassword }), { mode: 0o600 });

  const url = `ldap://127.0.0.1:${port}`;
  const pidFile = join(dir, 'pid');
  const log = join(dir, 'log', 'output');
  const up = async () => {
    await startServer({ command, args: ['-D', join(dir, 'etc'), '-i', join(dir, 'run', 'pid'), '-d', '0'], log, pidFile });
    await portOpen(port, '389 Directory Server', 30_000);
    await portOpen(securePort, '389 Directory Server', 30_000);
  };
  const stop = () => stopServer(pidFile);
  const passwordFile = join(dir, 'root.pw');
  writeFileSync(passwordFile, rootPassword, { mode: 0o600 });
  const asRoot = (ldif: string) => {
    const login = ['-x', '-H', url, '-D', rootDn, '-y', passwordFile];
    execFileSync('ldapmodify', login, { input: ldif, stdio: ['pipe', 'ignore', 'pipe'], timeout: 30_000 });
  };
  try {
    await up();
    asRoot(backendLdif({ dir, base, bindDn, policy: options.policy ?? {} }));
    asRoot(treeLdif({ base, bindDn, bindPassword, people: people.map((uid) => ({ uid, password: initialPassword(uid) })) }));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ url, ldapsUrl: `ldaps://127.0.0.1:${securePort}`, ca, base, bindDn, bindPassword, rootDn, rootPassword, people },
    ...{ initialPassword, asRoot, stop },
    dn: (uid) => `uid=${uid},ou=people,${base}`,
    logs: () =>
      readdirSync(join(dir, 'log'))
        .map((file) => readFileSync(join(dir, 'log', file), 'utf8'))
        .join('\n'),
    restart: async () => {
      await stop();
      await up();
    },
  };
}

/** The server keeps keys in a database of NSS: the lab's certificate goes in there under the name that the server looks for. */
function certificates(dir: string): string {
  const { ca, certificate, key } = serversCertificate(dir);
  const run = (name: string, ...args: string[]) => execFileSync(name, args, { stdio: 'ignore', timeout: 30_000 });
  const [store, bundle] = [join(dir, 'etc'), join(dir, 'server.p12')];
  run('certutil', '-N', '-d', store, '--empty-password');
  run('certutil', '-A', '-d', store, '-n', 'Lab CA', '-t', 'CT,,', '-a', '-i', ca);
  run('openssl', 'pkcs12', '-export', '-inkey', key, '-in', certificate, '-name', 'Server-Cert', '-passout', 'pass:', '-out', bundle);
  run('pk12util', '-i', bundle, '-d', store, '-W', '', '-K', '');
  return ca;
}
