// A private MariaDB (and, if asked, a replica) with a least-privilege Rekey account, a general log and a binlog that hold every statement, and known first secrets.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import mysql from 'mysql2/promise';
import { freePort, portOpen, type Running, sleep, startServer } from './process.ts';

const exec = promisify(execFile);

/** `id` is user@host. `via` replaces the password: what follows IDENTIFIED (`VIA unix_socket`). `more` is put at the end of CREATE USER. */
type LabAccount = string | { readonly id: string; readonly via?: string; readonly more?: string; readonly grant?: string };

export type MariadbOptions = {
  /** Ours to fill; made readable by the server's own user. */
  readonly dir: string;
  readonly accounts: readonly LabAccount[];
  readonly replica?: boolean;
  /** Server options on top of ours (`max_password_errors: '3'`); `plugin-load-add` takes several, with `;` between. */
  readonly settings?: Readonly<Record<string, string>>;
};

type Rows = Record<string, unknown>[];
type LabReplica = {
  readonly host: string;
  readonly port: number;
  sql(text: string): Promise<Rows>;
  /** Holds the change back: the replica goes on honouring what it knows. */
  stopApplying(): Promise<void>;
  /** Returns when the replica has applied what the primary had written at the call. */
  caughtUp(): Promise<void>;
};
export type LabMariadb = {
  readonly host: string;
  readonly port: number;
  readonly socket: string;
  readonly rootPassword: string;
  readonly rekey: { readonly user: string; readonly password: string };
  /** First secret of each account by user@host. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly replica: LabReplica | undefined;
  readonly data: string;
  readonly logFile: string;
  readonly generalLog: string;
  sql(text: string): Promise<Rows>;
  /** Every event of the binlog as text. */
  binlog(): Promise<string>;
  restart(): Promise<void>;
  stop(): Promise<void>;
};

const host = '127.0.0.1';
/** What the README tells people to grant. */
const rekeyRights = `GRANT CREATE USER, PROCESS, CONNECTION ADMIN, REPLICA MONITOR ON *.* TO rekey@'%';
GRANT SELECT ON mysql.global_priv TO rekey@'%'; GRANT SELECT ON mysql.db TO rekey@'%'; GRANT SELECT ON mysql.roles_mapping TO rekey@'%'`;

export async function startMariadb(options: MariadbOptions): Promise<LabMariadb> {
  const as = serverUser();
  mkdirSync(options.dir, { recursive: true });
  if (as !== undefined) letThrough(options.dir);
  const rootPassword = randomSecret();
  const data = await install('data');
  const [logFile, generalLog] = [join(data, 'error.log'), join(data, 'general.log')];
  const port = await freePort();
  const sql = (text: string): Promise<Rows> => query(port, rootPassword, text);
  const rekey = { user: 'rekey', password: randomSecret() };
  const secrets: Record<string, string> = {};
  let running = await start(data, port, logFile, 1);
  let replica: { handle: LabReplica; running: Running } | undefined;
  try {
    await query(port, '', ownAccounts(rootPassword), join(data, 's.sock'));
    await sql(`CREATE USER rekey@'%' IDENTIFIED BY '${rekey.password}'; ${rekeyRights}`);
    for (const account of options.accounts) await create(account);
    if (options.replica === true) replica = await follow();
  } catch (error) {
    await running.stop();
    throw error;
  }

  async function install(name: string): Promise<string> {
    const folder = join(options.dir, name);
    rmSync(folder, { recursive: true, force: true });
    // Its scratch tables have the same names in every installation: two at once in one folder take each other's away.
    const scratch = `${folder}-tmp`;
    for (const each of [folder, scratch]) {
      mkdirSync(each, { mode: 0o700, recursive: true });
      if (as !== undefined) chownSync(each, as.uid, as.gid);
    }
    const user = as === undefined ? [] : ['--user=mysql'];
    await exec('mariadb-install-db', [
      '--no-defaults',
      ...user,
      `--datadir=${folder}`,
      `--tmpdir=${scratch}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
    ]);
    return folder;
  }

  async function start(folder: string, listen: number, log: string, id: number): Promise<Running> {
    const settings: Record<string, string> = {
      datadir: folder,
      port: String(listen),
      'bind-address': host,
      socket: join(folder, 's.sock'),
      'log-error': log,
      'pid-file': join(folder, 'server.pid'),
      'general-log': '1',
      'general-log-file': join(folder, 'general.log'),
      'log-bin': join(folder, 'binlog'),
      'server-id': String(id),
      'skip-name-resolve': '1',
      'innodb-buffer-pool-size': '16M',
      // The lab tests credentials, not power cuts.
      'innodb-flush-log-at-trx-commit': '0',
      'sync-binlog': '0',
      ...options.settings,
    };
    const plugins = (settings['plugin-load-add'] ?? '').split(';').filter((each) => each !== '');
    delete settings['plugin-load-add'];
    const user = as === undefined ? [] : ['--user=mysql'];
    const server = await startServer({
      command: '/usr/sbin/mariadbd',
      args: [
        '--no-defaults',
        ...user,
        ...plugins.map((each) => `--plugin-load-add=${each}`),
        ...Object.entries(settings).map(([key, value]) => `--${key}=${value}`),
      ],
      log: join(options.dir, `output-${id}.log`),
      pidFile: join(options.dir, `server-${id}.pid`),
    });
    await portOpen(listen, 'mariadb');
    return server;
  }

  async function create(account: LabAccount): Promise<void> {
    const { id, via, more = '', grant } = typeof account === 'string' ? { id: account } : account;
    const at = id.lastIndexOf('@');
    const name = `${mysql.escape(id.slice(0, at))}@${mysql.escape(id.slice(at + 1))}`;
    const secret = randomSecret();
    if (via === undefined || via.includes('SECRET')) secrets[id] = secret;
    const how = (via ?? `BY 'SECRET'`).replaceAll('SECRET', secret);
    await sql(`CREATE USER ${name} IDENTIFIED ${how} ${more}; ${grant === undefined ? 'SELECT 1' : `GRANT ${grant} TO ${name}`}`);
  }

  async function follow(): Promise<{ handle: LabReplica; running: Running }> {
    const folder = await install('replica');
    const listen = await freePort();
    const other = await start(folder, listen, join(folder, 'error.log'), 2);
    const password = randomSecret();
    // The replica reads the binlog from its beginning: every account above is in it.
    await sql(`CREATE USER follower@'127.0.0.1' IDENTIFIED BY '${password}'; GRANT REPLICATION SLAVE ON *.* TO follower@'127.0.0.1'`);
    const [first] = await sql('SHOW BINARY LOGS');
    await query(
      listen,
      '',
      `CHANGE MASTER TO MASTER_HOST='${host}', MASTER_PORT=${port}, MASTER_USER='follower', MASTER_PASSWORD='${password}',
       MASTER_LOG_FILE='${String(first?.Log_name)}', MASTER_LOG_POS=4, MASTER_CONNECT_RETRY=1; START SLAVE`,
      join(folder, 's.sock'),
    );
    const there = (text: string): Promise<Rows> => query(listen, rootPassword, text);
    const handle: LabReplica = {
      host,
      port: listen,
      sql: there,
      stopApplying: async () => void (await there('STOP SLAVE SQL_THREAD')),
      caughtUp: async () => {
        const [at] = await sql('SHOW MASTER STATUS');
        for (let waited = 0; waited < 15_000; waited += 50) {
          try {
            const [met] = await there(`START SLAVE; SELECT MASTER_POS_WAIT('${String(at?.File)}', ${String(at?.Position)}, 5) AS met`);
            if (met !== undefined && met.met !== null && Number(met.met) >= 0) return;
          } catch {} // Its root password arrives with the binlog.
          await sleep(50);
        }
        throw new Error('replica: not caught up within 15 s');
      },
    };
    await handle.caughtUp();
    return { handle, running: other };
  }

  return {
    host,
    port,
    socket: join(data, 's.sock'),
    rootPassword,
    rekey,
    secrets,
    replica: replica?.handle,
    data,
    logFile,
    generalLog,
    sql,
    binlog: async () => {
      await sql('FLUSH BINARY LOGS');
      const files = readdirSync(data).filter((name) => /^binlog\.\d+$/.test(name));
      const { stdout } = await exec('mariadb-binlog', ['--no-defaults', ...files.map((name) => join(data, name))], { maxBuffer: 1 << 26 });
      return stdout;
    },
    restart: async () => {
      await running.stop();
      running = await start(data, port, logFile, 1);
    },
    stop: async () => {
      await replica?.running.stop();
      await running.stop();
    },
  };
}

/** The installation's own accounts have no passwords: root keeps two with one, the others go. */
function ownAccounts(password: string): string {
  return `ALTER USER root@localhost IDENTIFIED BY '${password}'; ALTER USER root@'127.0.0.1' IDENTIFIED BY '${password}';
    DROP USER IF EXISTS root@'::1', root@'${hostname()}', ''@localhost, ''@'${hostname()}'`;
}

/** Several statements at once; the rows of the last. */
async function query(port: number, password: string, text: string, socketPath?: string): Promise<Rows> {
  const at = socketPath === undefined ? { host, port } : { socketPath };
  const connection = await mysql.createConnection({ ...at, user: 'root', password, multipleStatements: true, connectTimeout: 5_000 });
  try {
    const [rows] = await connection.query(text);
    const last: unknown = Array.isArray(rows) && Array.isArray(rows.at(-1)) ? rows.at(-1) : rows;
    return Array.isArray(last) ? (last as Rows) : [];
  } finally {
    connection.destroy();
  }
}

/** Of every class a password check may ask for. */
const randomSecret = (): string => `Lab-${randomBytes(12).toString('hex')}7`;

/** The server's own user has to get to its folder: every folder above it that is ours under the temporary one lets it pass. */
function letThrough(dir: string): void {
  for (let folder = resolve(dir); folder !== '/' && folder !== tmpdir(); folder = dirname(folder)) {
    const { mode } = statSync(folder);
    if ((mode & 0o001) !== 0) continue;
    if (!folder.startsWith(`${tmpdir()}/`)) throw new Error(`${folder} is closed to the user mysql: choose a folder under ${tmpdir()}`);
    chmodSync(folder, mode | 0o055);
  }
}

/** The server refuses to run as root: then it runs as the system user `mysql`. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (!existsSync('/usr/sbin/mariadbd')) throw new Error('MariaDB is not installed: run npm run lab:install');
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith('mysql:'));
  if (line === undefined) throw new Error('there is no system user mysql: run npm run lab:install');
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}
