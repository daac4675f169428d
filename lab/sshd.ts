// A private world of Linux accounts with its own sshd daemons: sudo rules as the README gives them, known first secrets, faults by account.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, portOpen, signalServer, sleep, startServer, stopServer } from './process.ts';

const exec = promisify(execFile);
const host = '127.0.0.1';
const files = new URL('./sshd/', import.meta.url).pathname;

/** `field`: how the shadow field is made of the hash (`!{hash}`). `keys`: lines of authorized_keys. */
export type LabAccount = {
  readonly name: string;
  readonly note?: string;
  readonly shell?: string;
  readonly uid?: number;
  readonly field?: string;
  readonly lastDay?: number;
  readonly expireDay?: number;
  readonly keys?: readonly string[];
};
/** A daemon of its own port: `pam` is its stack, `config` lines come before ours (sshd takes the first), `hostKey` one of its own. */
export type LabDaemon = {
  readonly name: string;
  readonly pam?: readonly string[];
  readonly config?: readonly string[];
  readonly hostKey?: boolean;
};
export type SshdOptions = {
  readonly dir: string;
  readonly accounts: readonly (string | LabAccount)[];
  readonly daemons?: readonly LabDaemon[];
  /** Lines of sudoers for the user rekey. */
  readonly sudoers: string;
};

export type Shell = { readonly code: number; readonly out: string; readonly err: string };
/** lose: the change is not made · swallow: it is made, and its answer waits 2 s (cut the connection) · slow: nothing happens for 20 s. */
export type SshdFault = 'lose' | 'swallow' | 'slow';
export type LabSshd = {
  readonly host: string;
  /** The plain daemon, `sshd`. */
  readonly port: number;
  /** The .pub line and its fingerprint. */
  readonly hostKey: string;
  readonly fingerprint: string;
  /** Rekey's own login: a key, and the sudo rules. */
  readonly rekey: { readonly user: string; readonly privateKey: string };
  readonly secrets: Readonly<Record<string, string>>;
  readonly logFile: string;
  daemon(name: string): { readonly port: number; readonly hostKey: string };
  /** Runs a script as root inside. */
  sh(script: string, input?: string): Promise<Shell>;
  /** Arms a fault for the next change of an account; resolves when it is met. */
  fault(account: string, fault: SshdFault): Promise<{ readonly met: Promise<void>; disarm(): void }>;
  stop(): Promise<void>;
};

/** pam_unix waits 2 s before it says no: most tests can do without. */
const quick = [
  'auth required pam_unix.so nodelay',
  'account required pam_unix.so',
  'password required pam_unix.so',
  'session optional pam_unix.so',
];

export async function startSshd(options: SshdOptions): Promise<LabSshd> {
  const { dir } = options;
  if (process.getuid?.() !== 0) throw new Error('the account world needs root: it makes namespaces of its own');
  if (!existsSync('/usr/sbin/sshd')) throw new Error('sshd is not installed: run npm run lab:install');
  for (const folder of ['up', 'work', 'home', 'add', 'pam.d', 'keys', 'bin', 'real', 'daemons', 'faults'])
    mkdirSync(join(dir, folder), { recursive: true });
  chmodSync(dir, 0o755);
  chmodSync(join(dir, 'faults'), 0o777);
  chmodSync(join(dir, 'real'), 0o755);

  const own = await keyPair('rekey');
  const accounts = options.accounts.map((each) => (typeof each === 'string' ? { name: each } : each));
  const secrets = Object.fromEntries(accounts.map(({ name }) => [name, `lab-${randomBytes(12).toString('hex')}`]));
  await writeAccounts([{ name: 'rekey', field: '*', keys: [own.line] }, ...accounts]);
  writeFileSync(join(dir, 'sudoers'), `${options.sudoers}\n`, { mode: 0o440 });
  const fault = readFileSync(join(files, 'fault.sh'), 'utf8').replaceAll('@DIR@', dir);
  writeFileSync(join(dir, 'fault.sh'), fault, { mode: 0o755 });

  const ports = new Map<string, { port: number; hostKey: string }>();
  const plain = await keyPair('host');
  for (const daemon of [{ name: 'sshd' }, ...(options.daemons ?? [])]) await writeDaemon(daemon);
  const pidFile = join(dir, 'world.pid');
  const log = join(dir, 'world.log');
  const args = [
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    '--propagation',
    'private',
    'sh',
    join(files, 'world.sh'),
    dir,
  ];
  const world = await startServer({ command: 'unshare', args, log, pidFile, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' } });
  for (const [name, { port }] of ports) await portOpen(port, `${name} (${log})`);
  const inside = await childOf(world.pid);

  async function keyPair(name: string): Promise<{ line: string; path: string; privateKey: string }> {
    const path = join(dir, name);
    await exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
    return { path, line: readFileSync(`${path}.pub`, 'utf8').trim(), privateKey: readFileSync(path, 'utf8') };
  }

  /** The hashes are openssl's: the first secrets are not made by what is tested. */
  async function writeAccounts(all: readonly LabAccount[]): Promise<void> {
    const hashes = (
      await sh('openssl', ['passwd', '-6', '-stdin'], all.map(({ name }) => `${secrets[name] ?? 'none'}\n`).join(''))
    ).out.split('\n');
    const today = Math.floor(Date.now() / 86_400_000);
    const lines = all.map(({ name, note = '', shell = '/bin/sh', uid, field = '{hash}', lastDay = today - 30, expireDay, keys }, n) => {
      const id = uid ?? 20_000 + n;
      if (keys !== undefined) writeFileSync(join(dir, 'keys', name), keys.map((line) => `${line}\n`).join(''));
      return {
        passwd: `${name}:x:${id}:${20_000 + n}:${note}:/home/${name}:${shell}`,
        shadow: `${name}:${field.replace('{hash}', hashes[n] ?? '')}:${lastDay}:0:99999:7::${expireDay ?? ''}:`,
        group: `${name}:x:${20_000 + n}:`,
      };
    });
    for (const file of ['passwd', 'shadow', 'group'] as const)
      writeFileSync(join(dir, 'add', file), lines.map((line) => `${line[file]}\n`).join(''), { mode: 0o600 });
  }

  async function writeDaemon({ name, pam = quick, config = [], hostKey = false }: LabDaemon): Promise<void> {
    const port = await freePort();
    const key = hostKey ? await keyPair(`host-${name}`) : plain;
    ports.set(name, { port, hostKey: key.line });
    writeFileSync(join(dir, 'pam.d', name), `${pam.join('\n')}\n`);
    const lines = [
      ...config,
      `Port ${port}`,
      `ListenAddress ${host}`,
      `HostKey ${key.path}`,
      `PidFile ${join(dir, `${name}.pid`)}`,
      'UsePAM yes',
      'PasswordAuthentication yes',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'Subsystem sftp internal-sftp',
      'MaxStartups 200:30:400',
      'LogLevel VERBOSE',
      'UseDNS no',
    ];
    writeFileSync(join(dir, 'daemons', `${name}.conf`), `${lines.join('\n')}\n`);
  }

  const main = ports.get('sshd') as { port: number; hostKey: string }; // written first, above
  const printed = await exec('ssh-keygen', ['-lf', `${plain.path}.pub`]);
  return {
    host,
    port: main.port,
    hostKey: plain.line,
    fingerprint: printed.stdout.split(' ')[1] ?? '',
    rekey: { user: 'rekey', privateKey: own.privateKey },
    secrets,
    logFile: join(dir, 'sshd.log'),
    daemon: (name) => {
      const found = ports.get(name);
      if (found === undefined) throw new Error(`no daemon ${name}`);
      return found;
    },
    sh: (script, input = '') => sh('nsenter', ['-t', String(inside), '-m', '-p', '--', 'sh', '-c', script], input),
    async fault(account, kind) {
      const [order, met] = [join(dir, 'faults', account), join(dir, 'faults', `${account}.met`)];
      rmSync(met, { force: true });
      writeFileSync(order, kind);
      let armed = true;
      const seen = async (): Promise<void> => {
        while (armed && !existsSync(met)) await sleep(10);
      };
      return {
        met: seen(),
        disarm: () => {
          armed = false;
          rmSync(order, { force: true });
        },
      };
    },
    stop: async () => {
      // unshare waits for its child and takes no TERM; --kill-child ends the whole world with it.
      signalServer(pidFile, 'SIGKILL');
      await stopServer(pidFile);
    },
  };
}

function sh(command: string, args: readonly string[], input: string): Promise<Shell> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }));
    child.stdin.on('error', () => {}); // a command that reads nothing has closed it
    child.stdin.end(input);
  });
}

/** The first process inside, by its number outside. */
async function childOf(pid: number): Promise<number> {
  for (let waited = 0; waited < 5_000; waited += 20) {
    const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
    if (child > 0) return child;
    await sleep(20);
  }
  throw new Error('the account world has no process');
}
