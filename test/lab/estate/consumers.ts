// The consumers of the estate: each has a file of its own in one of the store's formats, and is either a running workload or one with a health check.

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { type HealthOf, type HealthTarget, isHealthy } from './health.ts';
import { type Scripts, startWorkload, type Workload } from './workloads.ts';

export type Bearer = {
  readonly system: 'corp-ldap' | 'orders-db';
  /** As in the CSV. */
  readonly account: string;
  readonly target: HealthTarget;
  readonly secret: string;
};
export type Consumer = {
  readonly id: string;
  readonly bearer: Bearer;
  readonly file: string;
  /** As the lab's reader names it. */
  readonly format: string;
  readonly row: string;
  readonly live: { readonly log: string; readonly workload: Workload } | undefined;
};
export type Consumers = {
  readonly all: readonly Consumer[];
  readonly csv: string;
  present(consumer: Consumer): string;
  stop(): Promise<void>;
};

const ldapFormats = ['dotenv', 'json', 'yaml', 'ini', 'line'] as const;
const pgFormats = ['pgpass', ...ldapFormats] as const;
export const retryMs = 250;

/** Bearers come in turn; the last four share accounts with the first, so that one reset has several consumers. */
export async function startConsumers(folder: string, scripts: Scripts, bearers: readonly Bearer[], live: number): Promise<Consumers> {
  const apps = join(folder, 'apps');
  const healthOf = new Map<string, HealthOf>();
  const server = await healthServer(healthOf);
  const { port } = server.address() as { port: number };
  const all = bearers.map((bearer, n) => {
    const id = `app-${String(n).padStart(3, '0')}`;
    const home = join(apps, id);
    mkdirSync(home, { recursive: true });
    const formats = bearer.system === 'orders-db' ? pgFormats : ldapFormats;
    const kind = formats[Math.floor(n / 2) % formats.length] ?? 'line';
    const { name, content, format, key } = written(kind, bearer);
    const file = join(home, name);
    writeFileSync(file, content);
    chmodSync(file, 0o600);
    const about = { target: bearer.target, file, format };
    if (n < live) return liveConsumer({ id, bearer, file, format, home, key, name }, scripts);
    healthOf.set(id, about);
    writeFileSync(join(home, 'health.json'), JSON.stringify(about));
    const health =
      n % 5 === 0 ? `http:GET http://127.0.0.1:${port}/${id}` : `exec:${process.execPath} ${scripts.health} ${join(home, 'health.json')}`;
    return {
      id,
      bearer,
      file,
      format,
      row: row([bearer.system, bearer.account, id, 'app-config', `${id}/${name}${key}`, '', health]),
      live: undefined,
    };
  });
  const csv = ['system,account,consumer,store,ref,reload,health', ...all.map((each) => each.row)].join('\n');
  return {
    all,
    csv: `${csv}\n`,
    present: ({ file }) => readFileSync(file, 'utf8'),
    stop: async () => {
      await Promise.all(all.map((each) => each.live?.workload.stop()));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Placed = {
  readonly id: string;
  readonly bearer: Bearer;
  readonly file: string;
  readonly format: string;
  readonly home: string;
  readonly key: string;
  readonly name: string;
};

function liveConsumer({ id, bearer, file, format, home, key, name }: Placed, scripts: Scripts): Consumer {
  const log = join(home, 'client.ndjson');
  const pidFile = join(home, 'pid');
  const { target } = bearer;
  const where =
    target.kind === 'ldap'
      ? ['--target', target.url, '--dn', target.dn]
      : ['--target', `postgres://${target.user}@${target.host}:${target.port}/postgres`];
  writeFileSync(log, '');
  const workload = startWorkload(
    scripts,
    [...where, '--file', file, '--format', format, '--log', log, '--name', id, '--retry', String(retryMs)],
    pidFile,
  );
  const reload = `signal:HUP:${pidFile}`;
  return {
    id,
    bearer,
    file,
    format,
    row: row([bearer.system, bearer.account, id, 'app-config', `${id}/${name}${key}`, reload, '']),
    live: { log, workload },
  };
}

const row = (cells: readonly string[]): string =>
  cells.map((cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');

function written(kind: string, { secret, target }: Bearer): { name: string; content: string; format: string; key: string } {
  const user = target.kind === 'ldap' ? target.dn : target.user;
  switch (kind) {
    case 'dotenv':
      return {
        name: '.env',
        content: `# service\nPORT=8080\nexport SERVICE_PASSWORD=${secret}\nSERVICE_PASSWORD_FILE=\n`,
        format: 'dotenv:SERVICE_PASSWORD',
        key: '#SERVICE_PASSWORD',
      };
    case 'json':
      return {
        name: 'config.json',
        content: `${JSON.stringify({ db: { user, password: secret }, pool: 4 }, null, 2)}\n`,
        format: 'json:/db/password',
        key: '#/db/password',
      };
    case 'yaml':
      return {
        name: 'config.yaml',
        content: `# kept\ndb:\n  user: "${user}"\n  password: ${secret} # ours\npool: 4\n`,
        format: 'yaml:/db/password',
        key: '#/db/password',
      };
    case 'ini':
      return {
        name: 'app.ini',
        content: `[http]\nport = 80\n[db]\nuser = ${user}\npassword = ${secret}\n`,
        format: 'ini:db.password',
        key: '#db.password',
      };
    case 'pgpass': {
      if (target.kind !== 'postgres') throw new Error('pgpass is for PostgreSQL');
      const place = `${target.host}:${target.port}:postgres:${target.user}`;
      return { name: '.pgpass', content: `# ours\nother:5432:x:y:z\n${place}:${secret}\n`, format: `pgpass:${place}`, key: `#${place}` };
    }
    default:
      return { name: 'db.secret', content: `${secret}\n`, format: 'line', key: '' };
  }
}

async function healthServer(known: ReadonlyMap<string, HealthOf>): Promise<Server> {
  const server = createServer((request, response) => {
    const about = known.get((request.url ?? '').slice(1));
    response.statusCode = about !== undefined && isHealthy(about) ? 200 : 503;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
