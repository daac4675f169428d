// What the MariaDB suites stand on: a lab server, an open connector, accounts by name, and every secret made, for the search of the logs.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import mysql from 'mysql2/promise';
import { type LabMariadb, type MariadbOptions, startMariadb } from '../../lab/mariadb.ts';
import { mariadb } from '../../src/connectors/mariadb/mariadb.ts';
import type { AccountRef, Check, Found, Io, Outcome, Secret } from '../../src/kit/kit.ts';
import { signature } from '../../src/protocols/mysql/ed25519.ts';
import { type ServerSettings, serverSettings } from '../../src/protocols/mysql/settings.ts';
import { secretOf } from '../../src/seal/secret.ts';

export type Connection = Awaited<ReturnType<typeof mariadb.open>>;
export type Settings = Partial<Record<keyof ServerSettings, unknown>>;
export type Session = mysql.Connection & { readonly lost: Promise<string> };
export type Ground = {
  readonly dir: string;
  readonly lab: LabMariadb;
  readonly connection: Connection;
  readonly made: readonly string[];
  open(more?: Settings, io?: Partial<Io>): Promise<Connection>;
  ref(id: string): AccountRef;
  secret(label?: string): Secret;
  first(id: string): Secret;
  /** Verdict and code of one login per server, primary first. */
  say(id: string, tried: Secret, on?: Connection): Promise<string[]>;
  session(user: string, password: string, more?: mysql.ConnectionOptions): Promise<Session>;
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
};

export async function ground(options: Omit<MariadbOptions, 'dir'>): Promise<Ground> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-maria-'));
  const lab = await startMariadb({ ...options, dir });
  const made: string[] = [];
  const secret = (label = 'candidate'): Secret => {
    const text = `cnry${randomBytes(15).toString('base64url')}!xY7`;
    made.push(text);
    return secretOf(label, text);
  };
  const io = (more: Partial<Io> = {}): Io => ({
    system: 'lab-maria',
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: async () => secretOf('own', lab.rekey.password),
    path: (relative) => resolve(dir, relative),
    ...more,
  });
  const replicas = lab.replica === undefined ? [] : [{ host: lab.replica.host, port: lab.replica.port }];
  const open = (more: Settings = {}, ioMore: Partial<Io> = {}): Promise<Connection> =>
    mariadb.open(
      serverSettings.parse({ host: lab.host, port: lab.port, user: 'rekey', password: { env: 'UNUSED' }, replicas, ...more }),
      io(ioMore),
    );
  const connection = await open();
  const ref = (id: string): AccountRef => ({ system: 'lab-maria', id, name: id, login: id.slice(0, id.lastIndexOf('@')) });
  return {
    dir,
    lab,
    connection,
    made,
    open,
    ref,
    secret,
    first: (id) => secretOf('old', lab.secrets[id] ?? ''),
    say: async (id, tried, on = connection) => {
      const said: string[] = [];
      for (const where of await on.probe.paths()) {
        const { verdict, code } = await on.probe.attempt(ref(id), tried, where);
        said.push(`${verdict} ${code}`);
      }
      return said;
    },
    session: async (user, password, more = {}) => {
      const client = await mysql.createConnection({
        host: lab.host,
        port: lab.port,
        user,
        password,
        authPlugins: { client_ed25519: () => (nonce) => signature(Buffer.from(password), nonce.subarray(0, 32)) },
        ...more,
      });
      const lost = new Promise<string>((resolve) => client.on('error', (error: Error) => resolve(error.message)));
      return Object.assign(client, { lost });
    },
    caughtUp: () => lab.replica?.caughtUp() ?? Promise.resolve(),
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

export async function checksOf(on: Connection): Promise<Check[]> {
  const checks: Check[] = [];
  for await (const each of on.check.run()) checks.push(each);
  return checks;
}

export function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') throw new Error(`${outcome.kind}: ${outcome.fault.code} ${outcome.fault.message}`);
  return outcome.value;
}
