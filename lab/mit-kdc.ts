// A private MIT realm: a KDC with known principals, a lockout policy, and second KDCs that stand still on a copy of the database.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort, portOpen, startServer, stopServer } from './process.ts';

/** `options` are those of `addprinc`: `+needchange`, `-requires_preauth`, `-expire 2000-01-01`, `-policy lock`. */
export type LabPrincipal = string | { readonly name: string; readonly options?: string };

export type MitKdcOptions = {
  readonly dir: string;
  readonly principals: readonly LabPrincipal[];
  /** As kdc.conf writes them; left out: AES with SHA-1, what Active Directory has. */
  readonly enctypes?: string;
};

export type MitKdc = {
  readonly realm: string;
  readonly host: string;
  readonly port: number;
  readonly log: string;
  /** First password of each principal by name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Lines for kadmin.local, such as `modprinc -allow_tix alice`. */
  admin(...lines: readonly string[]): string;
  setPassword(name: string, password: string): void;
  /** A KDC on a copy of the database as it is now: what is changed afterwards does not reach it. */
  standstill(): Promise<{ readonly host: string; readonly port: number }>;
  stop(): Promise<void>;
};

const host = '127.0.0.1';
const realm = 'MIT.TEST';
/** `lock`: three failures lock until an administrator unlocks. */
const policies = ['addpol -maxfailure 3 -failurecountinterval 0 -lockoutduration 0 lock'];

export async function startMitKdc(options: MitKdcOptions): Promise<MitKdc> {
  const dir = resolve(options.dir);
  const { enctypes = 'aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal' } = options;
  const stops: (() => Promise<void>)[] = [];

  function home(name: string, port: number): { folder: string; env: NodeJS.ProcessEnv } {
    const folder = join(dir, name);
    mkdirSync(folder, { recursive: true });
    const listen = `${host}:${port}`;
    writeFileSync(
      join(folder, 'krb5.conf'),
      `[libdefaults]\n default_realm = ${realm}\n dns_lookup_kdc = false\n dns_lookup_realm = false\n[realms]\n ${realm} = {\n  kdc = ${listen}\n }\n`,
    );
    writeFileSync(
      join(folder, 'kdc.conf'),
      `[kdcdefaults]
 kdc_listen = ${listen}
 kdc_tcp_listen = ${listen}
[realms]
 ${realm} = {
  database_name = ${folder}/principal
  key_stash_file = ${folder}/stash
  acl_file = ${folder}/kadm5.acl
  max_life = 10h
  supported_enctypes = ${enctypes}
  master_key_type = aes256-cts-hmac-sha1-96
 }
[logging]
 kdc = FILE:${folder}/kdc.log
`,
    );
    const env = {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      LC_ALL: 'C',
      KRB5_CONFIG: `${folder}/krb5.conf`,
      KRB5_KDC_PROFILE: `${folder}/kdc.conf`,
    };
    return { folder, env };
  }

  async function start({ folder, env }: { folder: string; env: NodeJS.ProcessEnv }, port: number): Promise<void> {
    const pidFile = join(folder, 'pid');
    stops.unshift(() => stopServer(pidFile));
    await startServer({ command: '/usr/sbin/krb5kdc', args: ['-n'], log: join(folder, 'stdout.log'), pidFile, env });
    await portOpen(port, 'krb5kdc');
  }

  const port = await freePort();
  const first = home('kdc', port);
  const run = (command: string, args: readonly string[], input = ''): string =>
    execFileSync(command, args, { env: first.env, input, stdio: ['pipe', 'pipe', 'pipe'] }).toString();
  run('/usr/sbin/kdb5_util', ['create', '-s', '-r', realm, '-P', randomBytes(16).toString('hex'), '-W']);
  // Through standard input: a password in an argument would be seen by every process of the machine.
  const admin = (...lines: readonly string[]): string => run('/usr/sbin/kadmin.local', [], `${lines.join('\n')}\n`);

  const secrets: Record<string, string> = {};
  const added = options.principals.map((each) => {
    const { name, options: more = '' } = typeof each === 'string' ? { name: each } : each;
    const secret = `lab-${randomBytes(12).toString('hex')}`;
    secrets[name] = secret;
    return `addprinc +requires_preauth ${more} -pw ${secret} ${name}`;
  });
  admin(...policies, ...added);
  await start(first, port);

  let copies = 0;
  return {
    realm,
    host,
    port,
    secrets,
    log: join(first.folder, 'kdc.log'),
    admin,
    setPassword: (name, password) => {
      admin(`cpw -pw ${password} ${name}`);
    },
    standstill: async () => {
      const at = await freePort();
      const copy = home(`copy-${++copies}`, at);
      for (const file of readdirSync(first.folder)) {
        if (/^(principal|stash)/.test(file)) copyFileSync(join(first.folder, file), join(copy.folder, file));
      }
      await start(copy, at);
      return { host, port: at };
    },
    stop: async () => {
      for (const each of stops) await each();
    },
  };
}
