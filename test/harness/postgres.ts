// A private PostgreSQL for the length of a test file: own folder, own port, fsync on, ended by its recorded pid.
import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort, portOpen, sleep, startServer } from '../../lab/process.ts';

export type TestPostgres = {
  readonly url: string;
  newDatabase(): Promise<string>;
  query(text: string): Promise<unknown[]>;
  stop(): Promise<void>;
};

/** REKEY_TEST_POSTGRES=postgres://superuser@host/db uses a running server; REKEY_LAB=1 starts the one installed here. */
export const postgresWanted = process.env.REKEY_TEST_POSTGRES !== undefined || process.env.REKEY_LAB === '1';

export async function startPostgres(): Promise<TestPostgres> {
  const given = process.env.REKEY_TEST_POSTGRES;
  const server = given === undefined ? await startPrivate() : { url: given, stop: async () => undefined };
  const databases: string[] = [];
  const query = async (text: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    url: server.url,
    query,
    async newDatabase() {
      const name = `t_${process.pid}_${databases.length}_${Date.now().toString(36)}`;
      await query(`create database ${name} encoding 'UTF8' template template0`);
      databases.push(name);
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      return url.href;
    },
    async stop() {
      for (const name of databases) await query(`drop database if exists ${name} with (force)`);
      await server.stop();
    },
  };
}

async function startPrivate(): Promise<{ url: string; stop(): Promise<void> }> {
  const bin = newestBin();
  const root = process.getuid?.() === 0;
  // setpriv becomes the server, so that the recorded pid is the server's; runuser would stay in between.
  const drop = root ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];
  const folder = mkdtempSync(join(tmpdir(), 'rekey-pg-'));
  chmodSync(folder, 0o755);
  if (root) {
    const { uid, gid } = statSync('/var/lib/postgresql');
    chownSync(folder, uid, gid);
  }
  const data = join(folder, 'data');
  const [initdb = '', ...initdbArgs] = [
    ...drop,
    join(bin, 'initdb'),
    '-D',
    data,
    '-U',
    'rekey',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
  ];
  await promisify(execFile)(initdb, initdbArgs, { timeout: 60_000, cwd: '/' });
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: folder,
    fsync: 'on',
    max_connections: 100,
    log_min_messages: 'warning',
  };
  const [command = '', ...args] = [
    ...[...drop, join(bin, 'postgres'), '-D', data],
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const running = await startServer({ command, args, log: join(folder, 'log'), pidFile: join(folder, 'pid') });
  await portOpen(port, 'PostgreSQL');
  const url = `postgres://rekey@127.0.0.1:${port}/postgres`;
  await answering(url);
  return {
    url,
    async stop() {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function newestBin(): string {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(base, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
  if (found === undefined) throw new Error(`no PostgreSQL under ${base}: run npm run lab:install`);
  return found;
}

/** The port opens before the server takes connections ("the database system is starting up"). */
async function answering(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(50);
    }
  }
}
