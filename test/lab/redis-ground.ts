// What the Redis suites stand on: lab servers, an open connector, and every secret made, for the search of files and logs.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type LabRedis, type RedisOptions, startRedis } from '../../lab/redis.ts';
import { type Config, config } from '../../src/connectors/redis/config.ts';
import { redis } from '../../src/connectors/redis/redis.ts';
import type { AccountRef, Check, Found, Io, Outcome, Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';

export type Connection = Awaited<ReturnType<typeof redis.open>>;
export type Settings = Partial<Record<keyof Config, unknown>>;
export type Ground = {
  readonly lab: LabRedis;
  /** A replica of the first, with users of its own. */
  readonly second: LabRedis | undefined;
  readonly connection: Connection;
  open(more?: Settings, io?: Partial<Io>): Promise<Connection>;
  ref(name: string): AccountRef;
  secret(label?: string): Secret;
  first(name: string): Secret;
  /** Verdict and code of one login per server, the first first. */
  say(name: string, tried: Secret, on?: Connection): Promise<string[]>;
  /** Names of the files of the servers that hold one of the secrets made here. */
  leaks(): string[];
  stop(): Promise<void>;
};

export async function ground(options: Omit<RedisOptions, 'dir'> & { readonly replica?: boolean }): Promise<Ground> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-redis-'));
  const lab = await startRedis({ ...options, dir: join(dir, 'first') });
  const second =
    options.replica !== true
      ? undefined
      : await startRedis({ ...options, dir: join(dir, 'second'), replicaOf: lab }).catch(async (error: unknown) => {
          await lab.stop();
          throw error;
        });
  const made: string[] = [];
  const io = (more: Partial<Io>): Io => ({
    system: 'lab-redis',
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: async () => secretOf('own', lab.rekey.password),
    path: (relative) => resolve(dir, relative),
    ...more,
  });
  const nodes = second === undefined ? [] : [{ host: second.host, port: second.port }];
  const open = (more: Settings = {}, ioMore: Partial<Io> = {}): Promise<Connection> =>
    redis.open(config.parse({ host: lab.host, port: lab.port, user: 'rekey', password: { env: 'UNUSED' }, nodes, ...more }), io(ioMore));
  const connection = await open();
  const ref = (name: string): AccountRef => ({ system: 'lab-redis', id: name, name });
  return {
    lab,
    second,
    connection,
    open,
    ref,
    secret: (label = 'candidate') => {
      const text = `cnry${randomBytes(15).toString('base64url')}!x`;
      made.push(text);
      return secretOf(label, text);
    },
    first: (name) => secretOf('old', lab.secrets[name] ?? ''),
    say: async (name, tried, on = connection) => {
      const probed = await Promise.all((await on.probe.paths()).map((where) => on.probe.attempt(ref(name), tried, where)));
      return probed.map(({ verdict, code }) => `${verdict} ${code}`);
    },
    leaks: () =>
      readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((file) => made.some((text) => readFileSync(file).includes(text))),
    stop: async () => {
      await connection[Symbol.asyncDispose]();
      await second?.stop();
      await lab.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export async function readAll(on: Connection, limit = 4): Promise<Found[]> {
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
  const all: Check[] = [];
  for await (const check of on.check.run()) all.push(check);
  return all;
}

export function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') throw new Error(`${outcome.kind}: ${outcome.fault.code} ${outcome.fault.message}`);
  return outcome.value;
}
