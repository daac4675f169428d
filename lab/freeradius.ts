// A private FreeRADIUS with local users, and with users of a directory whose passwords it checks by LDAP binds, as VPN gateways use it.
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sleep, startServer, stopServer } from './process.ts';

export type FreeradiusOptions = {
  readonly dir: string;
  /** Local users and their passwords. */
  readonly users?: Readonly<Record<string, string>>;
  readonly ldap?: {
    readonly url: string;
    readonly bindDn: string;
    readonly bindPassword: string;
    readonly base: string;
    /** Connections to the directory: with one, a second login at the same moment is refused, right or wrong. */
    readonly pool?: number;
  };
  /** Left out: every reply carries a Message-Authenticator. `false` is a server from before CVE-2024-3596. */
  readonly signs?: boolean;
  /** Reply-Message of a reject whose password was found to be wrong. */
  readonly mark?: string;
  /** Answers every login with Access-Accept. */
  readonly takesAny?: boolean;
};

export type Freeradius = {
  readonly host: string;
  readonly port: number;
  readonly shared: string;
  readonly log: string;
  stop(): Promise<void>;
};

const host = '127.0.0.1';

export async function startFreeradius(options: FreeradiusOptions): Promise<Freeradius> {
  const dir = resolve(options.dir);
  const run = join(dir, 'run');
  mkdirSync(run, { recursive: true });
  const [port, shared] = [await freeUdpPort(), randomBytes(16).toString('hex')];
  writeFileSync(join(dir, 'radiusd.conf'), conf(options, dir, port, shared), { mode: 0o600 });
  const users = Object.entries(options.users ?? {}).map(([name, password]) => `${name} Cleartext-Password := "${password}"\n`);
  writeFileSync(join(dir, 'users'), users.join(''), { mode: 0o600 });
  const dictionary = '/etc/freeradius/3.0/dictionary';
  if (!existsSync(dictionary)) throw new Error('FreeRADIUS is not installed: run npm run lab:install');
  copyFileSync(dictionary, join(dir, 'dictionary'));
  const log = join(run, 'radius.log');
  const pidFile = join(dir, 'pid');
  await startServer({ command: '/usr/sbin/freeradius', args: ['-f', '-d', dir], log: join(run, 'stdout.log'), pidFile });
  await ready(log).catch(async (error) => {
    await stopServer(pidFile);
    throw error;
  });
  return { host, port, shared, log, stop: () => stopServer(pidFile) };
}

async function ready(log: string): Promise<void> {
  const text = (): string => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  for (let waited = 0; waited < 15_000; waited += 25) {
    if (text().includes('Ready to process requests')) return;
    await sleep(25);
  }
  throw new Error(`FreeRADIUS is not ready within 15 s: ${text()}`);
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((done) => socket.bind(0, host, done));
  const { port } = socket.address();
  await new Promise<void>((done) => socket.close(done));
  return port;
}

/** Its parser wants an opening brace at the end of a line. */
function conf(options: FreeradiusOptions, dir: string, port: number, shared: string): string {
  const { ldap, mark, signs = true, takesAny = false } = options;
  const checked = (module: string): string =>
    mark === undefined
      ? module
      : `${module} {\n reject = 1\n }\n if (reject) {\n update reply {\n &Reply-Message := "${mark}"\n }\n reject\n }`;
  return `prefix = /usr
exec_prefix = /usr
sysconfdir = /etc
localstatedir = ${dir}/run
sbindir = /usr/sbin
logdir = ${dir}/run
raddbdir = ${dir}
confdir = ${dir}
run_dir = ${dir}/run
db_dir = ${dir}/run
libdir = /usr/lib/freeradius
pidfile = ${dir}/run/pid
max_request_time = 30
cleanup_delay = 5
max_requests = 16384
log {
 destination = files
 file = ${dir}/run/radius.log
 auth = yes
}
security {
 max_attributes = 200
 reject_delay = 0
 status_server = no
}
thread pool {
 start_servers = 4
 max_servers = 8
 min_spare_servers = 2
 max_spare_servers = 4
}
client lab {
 ipaddr = ${host}
 secret = ${shared}
}
modules {
 pap {
 }
 always reject {
  rcode = reject
 }
 files {
  usersfile = ${dir}/users
 }
${
  ldap === undefined
    ? ''
    : ` ldap {
  server = '${ldap.url}'
  identity = '${ldap.bindDn}'
  password = ${ldap.bindPassword}
  base_dn = '${ldap.base}'
  user {
   base_dn = '${ldap.base}'
   filter = "(uid=%{User-Name})"
  }
  pool {
   start = 0
   min = 0
   max = ${ldap.pool ?? 8}
   spare = 0
   uses = 0
   lifetime = 0
   idle_timeout = 60
   retry_delay = 0
  }
 }
`
}}
server default {
 listen {
  type = auth
  ipaddr = ${host}
  port = ${port}
 }
 authorize {
${signs ? '  update reply {\n   &Message-Authenticator := 0x00\n  }\n' : ''}${takesAny ? '  update control {\n   &Auth-Type := Accept\n  }\n' : ''}  files
${
  ldap === undefined
    ? ''
    : `  if (!&control:Cleartext-Password) {
   ldap
   update control {
    &Auth-Type := LDAP
   }
  }
`
}  pap
 }
 authenticate {
  Auth-Type PAP {
   ${checked('pap')}
  }
${ldap === undefined ? '' : `  Auth-Type LDAP {\n   ${checked('ldap')}\n  }\n`} }
}
`;
}
