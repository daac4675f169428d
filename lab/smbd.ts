// A private standalone file server (Samba): its own folder, port and account database. Its accounts are system users that exist anyway.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort, portOpen, startServer, stopServer } from './process.ts';

export type SmbdOptions = {
  readonly dir: string;
  /** smbd maps every account to a user of the system: these are in /etc/passwd of every Debian, and nothing is added to it. */
  readonly users: readonly string[];
  /** Wrong logins until an account is locked; 0 never. */
  readonly lockoutThreshold?: number;
  /** More lines of the global section, such as `map to guest = bad password`. */
  readonly settings?: readonly string[];
};

export type Smbd = {
  readonly host: string;
  readonly port: number;
  readonly workgroup: string;
  readonly log: string;
  /** First password of each user by name. */
  readonly secrets: Readonly<Record<string, string>>;
  setPassword(user: string, password: string): void;
  disable(user: string): void;
  /** The next logon finds that the password must be changed. */
  mustChange(user: string): void;
  stop(): Promise<void>;
};

const host = '127.0.0.1';
const workgroup = 'LABFILES';

export async function startSmbd(options: SmbdOptions): Promise<Smbd> {
  const dir = resolve(options.dir);
  const folder = (name: string): string => {
    const path = join(dir, name);
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o755);
    return path;
  };
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o755);
  const port = await freePort();
  const conf = join(dir, 'smb.conf');
  const log = join(dir, 'smbd.log');
  writeFileSync(
    conf,
    `[global]
  server role = standalone server
  workgroup = ${workgroup}
  netbios name = LABSMB
  interfaces = ${host}/8
  bind interfaces only = yes
  smb ports = ${port}
  disable netbios = yes
  passdb backend = tdbsam:${dir}/passdb.tdb
  private dir = ${folder('private')}
  state directory = ${folder('state')}
  lock directory = ${folder('lock')}
  cache directory = ${folder('cache')}
  pid directory = ${folder('run')}
  ncalrpc dir = ${folder('ncalrpc')}
  log file = ${log}
  log level = 1 auth_audit:3
  server min protocol = SMB2_02
  load printers = no
  disable spoolss = yes
${(options.settings ?? []).map((line) => `  ${line}\n`).join('')}`,
  );
  const run = (command: string, args: readonly string[], input = ''): void => {
    execFileSync(command, args, { input, stdio: ['pipe', 'ignore', 'pipe'], env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' } });
  };
  const setPassword = (user: string, password: string): void =>
    run('smbpasswd', ['-c', conf, '-a', '-s', user], `${password}\n${password}\n`);
  const secrets: Record<string, string> = {};
  for (const user of options.users) {
    secrets[user] = `lab-${randomBytes(9).toString('hex')}`;
    setPassword(user, secrets[user]);
  }
  if (options.lockoutThreshold !== undefined)
    run('pdbedit', ['-s', conf, '-P', 'bad lockout attempt', '-C', String(options.lockoutThreshold)]);
  const pidFile = join(dir, 'pid');
  await startServer({
    command: '/usr/sbin/smbd',
    args: ['--foreground', '--no-process-group', `--configfile=${conf}`],
    log: join(dir, 'stdout.log'),
    pidFile,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
  });
  await portOpen(port, 'smbd');
  return {
    host,
    port,
    workgroup,
    log,
    secrets,
    setPassword,
    disable: (user) => run('smbpasswd', ['-c', conf, '-d', user]),
    mustChange: (user) => run('net', ['-s', conf, 'sam', 'set', 'pwdmustchangenow', user, 'yes']),
    stop: () => stopServer(pidFile),
  };
}
