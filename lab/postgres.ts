// A private PostgreSQL (and, if asked, a hot standby) with a least-privilege Rekey role, a log that holds every statement, and known first secrets.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort, portOpen, signalServer, sleep, startServer } from './process.ts';

const exec = promisify(execFile);

/** `attributes` go into CREATE ROLE as they are (`SUPERUSER`, `VALID UNTIL '2000-01-01'`, `NOLOGIN`). */
export type LabRole = string | { readonly name: string; readonly attributes?: string; readonly comment?: string; readonly secret?: string };

export type PostgresOptions = {
  /** Ours to fill; made readable by the server's own user. */
  readonly dir: string;
  readonly port?: number;
  readonly roles: readonly LabRole[];
  /** Lines put before the scram line of pg_hba.conf: the first that matches decides. */
  readonly hba?: readonly string[];
  readonly standby?: boolean;
  /** Server settings on top of ours (`track_commit_timestamp: 'on'`). */
  readonly settings?: Readonly<Record<string, string>>;
};

export type Login = { readonly user: string; readonly password: string };
export type Standby = {
  readonly host: string;
  readonly port: number;
  /** URL of the superuser on the standby. */
  readonly url: string;
  readonly logFile: string;
  /** Holds replay: the standby goes on honouring what it knows. */
  pauseReplay(): Promise<void>;
  /** Returns when the standby has replayed what the primary had written at the call. */
  resumeReplay(): Promise<void>;
};
export type LabPostgres = {
  /** URL of the superuser. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** CREATEROLE, pg_signal_backend, pg_monitor; nothing else. */
  readonly rekey: Login;
  /** First secret of each role by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly standby: Standby | undefined;
  readonly logFile: string;
  /** Runs SQL as superuser. */
  sql(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Puts lines first in pg_hba.conf and reloads. */
  reload(hba?: readonly string[]): Promise<void>;
  /** Fast shutdown and start on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

const host = '127.0.0.1';
const database = 'postgres';

export async function startPostgres(options: PostgresOptions): Promise<LabPostgres> {
  const bin = serverPrograms();
  const as = serverUser();
  mkdirSync(options.dir, { recursive: true });
  if (as !== undefined) letThrough(options.dir);
  const superPassword = randomSecret();
  const data = dataFolder('data');
  const logFile = join(options.dir, 'postgres.log');
  const hbaLines = [...(options.hba ?? [])];
  const passwordFile = join(options.dir, 'superuser');
  writeFileSync(passwordFile, `${superPassword}\n`, { mode: 0o600 });
  if (as !== undefined) chownSync(passwordFile, as.uid, as.gid);
  await run(join(bin, 'initdb'), [
    '-D',
    data,
    '-A',
    'scram-sha-256',
    '-U',
    'postgres',
    `--pwfile=${passwordFile}`,
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  ]);
  rmSync(passwordFile);
  writeHba();

  const port = options.port ?? (await freePort());
  let primary = await start(data, port, logFile, 'primary');
  const url = urlOf(port);
  const secrets: Record<string, string> = {};
  const rekey: Login = { user: 'rekey', password: randomSecret() };
  await createRoles();
  let replica: { handle: Standby; stop(): Promise<void> } | undefined;
  if (options.standby === true) replica = await startStandby();

  function dataFolder(name: string): string {
    const folder = join(options.dir, name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { mode: 0o700 });
    if (as !== undefined) chownSync(folder, as.uid, as.gid);
    return folder;
  }

  async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
    await exec(command, args, { env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', ...env }, cwd: '/', timeout: 60_000, ...(as ?? {}) });
  }

  function writeHba(): void {
    const lines = [
      ...hbaLines,
      `local all all trust`,
      `host all all ${host}/32 scram-sha-256`,
      `host replication all ${host}/32 scram-sha-256`,
    ];
    writeFileSync(join(data, 'pg_hba.conf'), `${lines.join('\n')}\n`);
  }

  async function start(folder: string, listen: number, log: string, name: string): Promise<{ stop(): Promise<void> }> {
    // fsync off: the lab tests credentials, not power cuts.
    const settings: Record<string, string> = {
      listen_addresses: host,
      unix_socket_directories: folder,
      fsync: 'off',
      log_statement: 'all',
      log_connections: 'on',
      log_disconnections: 'on',
      log_line_prefix: '%m [%p] %u@%a ',
      max_prepared_transactions: '10',
      ...options.settings,
    };
    const args = ['-D', folder, '-p', String(listen), ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])];
    const program = join(bin, 'postgres');
    // setpriv replaces itself by the server: the recorded pid is the postmaster's. runuser would stay as its parent.
    const [command, first] =
      as === undefined ? [program, []] : ['setpriv', [`--reuid=${as.uid}`, `--regid=${as.gid}`, '--clear-groups', program]];
    const pidFile = join(options.dir, `${name}.pid`);
    const server = await startServer({
      command,
      args: [...first, ...args],
      log,
      pidFile,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' },
    });
    await portOpen(listen, name);
    await ready(listen);
    return {
      stop: async () => {
        // INT is a fast shutdown; TERM alone would wait for every client to leave.
        signalServer(pidFile, 'SIGINT');
        await server.stop();
      },
    };
  }

  async function ready(listen: number): Promise<void> {
    for (let waited = 0; ; waited += 50) {
      try {
        await query(urlOf(listen), 'SELECT 1');
        return;
      } catch (error) {
        if (waited > 15_000) throw error;
        await sleep(50);
      }
    }
  }

  async function createRoles(): Promise<void> {
    await sql(`CREATE ROLE rekey LOGIN CREATEROLE PASSWORD '${rekey.password}'; GRANT pg_signal_backend, pg_monitor TO rekey`);
    const [{ version } = { version: 0 }] = await sql(`SELECT current_setting('server_version_num')::int AS version`);
    for (const role of options.roles) {
      const { name, attributes = '', comment, secret = randomSecret() } = typeof role === 'string' ? { name: role } : role;
      secrets[name] = secret;
      const quoted = pg.escapeIdentifier(name);
      await sql(`CREATE ROLE ${quoted} LOGIN PASSWORD ${pg.escapeLiteral(secret)} ${attributes}`);
      if (comment !== undefined) await sql(`COMMENT ON ROLE ${quoted} IS ${pg.escapeLiteral(comment)}`);
      if (Number(version) >= 160_000) await sql(`GRANT ${quoted} TO rekey WITH ADMIN OPTION`);
    }
  }

  async function startStandby(): Promise<{ handle: Standby; stop(): Promise<void> }> {
    const folder = dataFolder('standby');
    await run(
      join(bin, 'pg_basebackup'),
      ['-D', folder, '-h', host, '-p', String(port), '-U', 'postgres', '-R', '-X', 'stream', '-c', 'fast', '--no-sync'],
      { PGPASSWORD: superPassword },
    );
    const standbyPort = await freePort();
    const standbyLog = join(options.dir, 'standby.log');
    const server = await start(folder, standbyPort, standbyLog, 'standby');
    const standbyUrl = urlOf(standbyPort);
    const until = async (condition: string, values: readonly unknown[] = []): Promise<void> => {
      for (let waited = 0; waited < 15_000; waited += 25) {
        const [row] = await query(standbyUrl, `SELECT ${condition} AS met`, values);
        if (row?.met === true) return;
        await sleep(25);
      }
      throw new Error(`standby: not within 15 s: ${condition}`);
    };
    const handle: Standby = {
      host,
      port: standbyPort,
      url: standbyUrl,
      logFile: standbyLog,
      pauseReplay: async () => {
        await query(standbyUrl, 'SELECT pg_wal_replay_pause()');
        await until(`pg_get_wal_replay_pause_state() = 'paused'`);
      },
      resumeReplay: async () => {
        const [row] = await sql('SELECT pg_current_wal_lsn()::text AS lsn');
        await query(standbyUrl, 'SELECT pg_wal_replay_resume()');
        await until('pg_last_wal_replay_lsn() >= $1::pg_lsn', [row?.lsn]);
      },
    };
    return { handle, stop: () => server.stop() };
  }

  function urlOf(listen: number): string {
    return `postgres://postgres:${superPassword}@${host}:${listen}/${database}`;
  }
  function sql(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return query(url, text, values);
  }

  return {
    url,
    host,
    port,
    database,
    rekey,
    secrets,
    standby: replica?.handle,
    logFile,
    sql,
    reload: async (hba = []) => {
      hbaLines.unshift(...hba);
      writeHba();
      await sql('SELECT pg_reload_conf()');
      // The postmaster reads the file when the signal reaches it: give it a moment.
      await sleep(150);
    },
    restart: async () => {
      await primary.stop();
      primary = await start(data, port, logFile, 'primary');
    },
    stop: async () => {
      await replica?.stop();
      await primary.stop();
    },
  };
}

async function query(url: string, text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'lab', ssl: false, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text, [...values])).rows ?? [];
  } finally {
    await client.end();
  }
}

const randomSecret = (): string => `lab-${randomBytes(12).toString('hex')}`;

/** The server's own user has to get to its folder: every folder above it that is ours under the temporary one lets it pass. */
function letThrough(dir: string): void {
  for (let folder = resolve(dir); folder !== '/' && folder !== tmpdir(); folder = dirname(folder)) {
    const { mode } = statSync(folder);
    if ((mode & 0o001) !== 0) continue;
    if (!folder.startsWith(`${tmpdir()}/`)) throw new Error(`${folder} is closed to the user postgres: choose a folder under ${tmpdir()}`);
    chmodSync(folder, mode | 0o055);
  }
}

/** The newest Debian cluster's programs, or those on the PATH's usual folder. */
function serverPrograms(): string {
  const root = '/usr/lib/postgresql';
  const [newest] = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const bin = newest === undefined ? '/usr/local/pgsql/bin' : join(root, newest, 'bin');
  if (!existsSync(join(bin, 'initdb'))) throw new Error('PostgreSQL is not installed: run npm run lab:install');
  return bin;
}

/** The server refuses to run as root: then it runs as the system user `postgres`. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith('postgres:'));
  if (line === undefined) throw new Error('there is no system user postgres: run npm run lab:install');
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}
