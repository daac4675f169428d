// What the PostgreSQL suites stand on: a lab server, an open connector, accounts by name, and every secret made, for the search of the logs.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { type LabPostgres, type PostgresOptions, startPostgres } from '../../lab/postgres.ts';
import { type Config, config } from '../../src/connectors/postgresql/config.ts';
import { postgresql } from '../../src/connectors/postgresql/postgresql.ts';
import type { AccountRef, Found, Io, Outcome, Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';

export type Connection = Awaited<ReturnType<typeof postgresql.open>>;
export type Settings = Partial<Record<keyof Config, unknown>>;
export type Session = pg.Client & { readonly lost: Promise<string> };
export type Ground = {
  readonly dir: string;
  readonly lab: LabPostgres;
  readonly connection: Connection;
  readonly accounts: Map<string, Found>;
  readonly made: readonly string[];
  open(more?: Settings, io?: Partial<Io>): Promise<Connection>;
  ref(name: string): AccountRef;
  secret(label?: string): Secret;
  first(name: string): Secret;
  /** Verdict and code of one login per server, primary first. */
  say(name: string, tried: Secret, on?: Connection): Promise<string[]>;
  session(user: string, password: string, more?: pg.ClientConfig): Promise<Session>;
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
};

export async function ground(options: Omit<PostgresOptions, 'dir'>): Promise<Ground> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-pg-'));
  const lab = await startPostgres({ ...options, dir });
  const made: string[] = [];
  const secret = (label = 'candidate'): Secret => {
    const text = `cnry${randomBytes(15).toString('base64url')}!x`;
    made.push(text);
    return secretOf(label, text);
  };
  const io = (more: Partial<Io> = {}): Io => ({
    system: 'lab-pg',
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: async () => secretOf('own', lab.rekey.password),
    path: (relative) => resolve(dir, relative),
    ...more,
  });
  const replicas = lab.standby === undefined ? [] : [{ host: lab.standby.host, port: lab.standby.port }];
  const open = (more: Settings = {}, ioMore: Partial<Io> = {}): Promise<Connection> =>
    postgresql.open(
      config.parse({ host: lab.host, port: lab.port, user: 'rekey', password: { env: 'UNUSED' }, replicas, ...more }),
      io(ioMore),
    );
  const caughtUp = (): Promise<void> => lab.standby?.resumeReplay() ?? Promise.resolve();
  await caughtUp();
  const connection = await open();
  const accounts = new Map((await readAll(connection)).map((found) => [found.name, found]));
  const ref = (name: string): AccountRef => {
    const found = accounts.get(name);
    if (found === undefined) throw new Error(`no such role ${name}`);
    return { system: 'lab-pg', id: found.id, name };
  };
  return {
    dir,
    lab,
    connection,
    accounts,
    made,
    open,
    ref,
    secret,
    first: (name) => secretOf('old', lab.secrets[name] ?? ''),
    say: async (name, tried, on = connection) => {
      const probed = await Promise.all((await on.probe.paths()).map((where) => on.probe.attempt(ref(name), tried, where)));
      return probed.map(({ verdict, code }) => `${verdict} ${code}`);
    },
    session: async (user, password, more = {}) => {
      const client = new pg.Client({
        host: lab.host,
        port: lab.port,
        user,
        password,
        database: 'postgres',
        ssl: false,
        application_name: 'workload',
        ...more,
      });
      const lost = new Promise<string>((resolve) => client.on('error', (error) => resolve(error.message)));
      await client.connect();
      return Object.assign(client, { lost });
    },
    caughtUp,
    stop: async () => {
      await connection[Symbol.asyncDispose]();
      await lab.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export async function readAll(on: Connection, limit = 7): Promise<Found[]> {
  const all: Found[] = [];
  let cursor: string | undefined;
  do {
    const page = value(await on.inventory.page(cursor === undefined ? { limit } : { cursor, limit }));
    all.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return all;
}

export function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') throw new Error(`${outcome.kind}: ${outcome.fault.code} ${outcome.fault.message}`);
  return outcome.value;
}

/** The SQL of the README that makes the view: what people are told to run is what is tested. */
export function readmeSql(): string {
  const readme = readFileSync(new URL('../../src/connectors/postgresql/README.md', import.meta.url), 'utf8');
  const block = [...readme.matchAll(/```sql\n([\s\S]*?)```/g)]
    .map((found) => found[1] ?? '')
    .find((sql) => sql.includes('rekey.role_state'));
  if (block === undefined) throw new Error('the README has no SQL for rekey.role_state');
  return block;
}
