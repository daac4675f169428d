// A private Dovecot with a password file: IMAP in the clear with STARTTLS, IMAP over TLS, and users with known first secrets. Needs root.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, portOpen, startServer } from './process.ts';
import { selfSigned } from './self-signed.ts';

const exec = promisify(execFile);

export type DovecotOptions = {
  /** Ours to fill; its processes read it as other users. */
  readonly dir: string;
  readonly users: readonly string[];
  /** More lines of dovecot.conf, such as `auth_cache_size = 1M`. */
  readonly settings?: readonly string[];
  /** Settings of the passdb, such as `mechanisms`, or another passdb block before it. */
  readonly passdb?: string;
};
export type LabDovecot = {
  readonly host: string;
  /** In the clear, with STARTTLS. */
  readonly port: number;
  readonly tlsPort: number;
  readonly ca: string;
  readonly passwordFile: string;
  readonly log: string;
  /** doveadm of this server. */
  readonly doveadm: readonly [string, ...string[]];
  readonly secrets: Readonly<Record<string, string>>;
  stop(): Promise<void>;
};

const host = '127.0.0.1';

export async function startDovecot(options: DovecotOptions): Promise<LabDovecot> {
  const { dir } = options;
  const at = (name: string): string => join(dir, name);
  for (const name of ['run', 'state', 'mail']) mkdirSync(at(name), { recursive: true });
  chmodSync(dir, 0o755);
  const [dovecot, mailUser, group] = await Promise.all([idOf('-u', 'dovecot'), idOf('-u', 'nobody'), idOf('-g', 'dovecot')]);
  chownSync(at('state'), dovecot, group);
  chownSync(at('mail'), mailUser, group);
  const secrets = Object.fromEntries(options.users.map((user) => [user, `lab-${randomBytes(16).toString('hex')}`]));
  const lines = await Promise.all(options.users.map(async (user) => `${user}:{SHA512-CRYPT}${await crypted(secrets[user] ?? '')}`));
  writeFileSync(at('users'), `${lines.join('\n')}\n`);
  chmodSync(at('users'), 0o640);
  chownSync(at('users'), 0, group);
  await selfSigned({ key: join(dir, 'tls.key'), certificate: join(dir, 'tls.crt') }, 'localhost', 'DNS:localhost,IP:127.0.0.1');
  const [port, tlsPort] = [await freePort(), await freePort()];
  writeFileSync(at('dovecot.conf'), configuration(options, port, tlsPort));
  const server = await startServer({
    command: '/usr/sbin/dovecot',
    args: ['-F', '-c', at('dovecot.conf')],
    log: at('out.log'),
    pidFile: at('lab.pid'),
  });
  await Promise.all([portOpen(port, 'dovecot'), portOpen(tlsPort, 'dovecot')]);
  return {
    host,
    port,
    tlsPort,
    ca: at('tls.crt'),
    passwordFile: at('users'),
    log: at('dovecot.log'),
    doveadm: ['/usr/bin/doveadm', '-c', at('dovecot.conf')],
    secrets,
    stop: () => server.stop(),
  };
}

const idOf = async (which: '-u' | '-g', user: string): Promise<number> => Number((await exec('id', [which, user])).stdout);

/** By another hand than the product's own: libcrypt, through OpenSSL. The value goes by stdin. */
async function crypted(password: string): Promise<string> {
  const child = exec('openssl', ['passwd', '-6', '-stdin']);
  child.child.stdin?.end(`${password}\n`);
  return (await child).stdout.trim();
}

const configuration = ({ dir, settings = [], passdb = '' }: DovecotOptions, port: number, tlsPort: number): string => `
base_dir = ${dir}/run
state_dir = ${dir}/state
log_path = ${dir}/dovecot.log
protocols = imap
listen = ${host}
ssl = yes
ssl_cert = <${dir}/tls.crt
ssl_key = <${dir}/tls.key
auth_verbose = yes
auth_debug = yes
auth_mechanisms = plain login
disable_plaintext_auth = no
mail_location = maildir:${dir}/mail/%u
first_valid_uid = 1
${settings.join('\n')}
${passdb}
passdb {
  driver = passwd-file
  args = scheme=SHA512-CRYPT username_format=%u ${dir}/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=${dir}/mail/%u
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tlsPort}
    ssl = yes
  }
}
service anvil {
  unix_listener anvil {
    mode = 0600
  }
}
`;

/** What the log says since `from`, for tests that look for a line or for a leak. */
export const logOf = (lab: Pick<LabDovecot, 'log'>, from = 0): string => readFileSync(lab.log, 'utf8').slice(from);
