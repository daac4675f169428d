// What the Mosquitto suites stand on: one lab broker, an open connector, clients that stay connected, and every secret made.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type LabMosquitto, type MosquittoOptions, startMosquitto } from '../../lab/mosquitto.ts';
import { type Config, config } from '../../src/connectors/mosquitto/config.ts';
import { mosquitto } from '../../src/connectors/mosquitto/mosquitto.ts';
import type { AccountRef, Check, Found, Io, Outcome, Secret } from '../../src/kit/kit.ts';
import { connect } from '../../src/protocols/mqtt/login.ts';
import { dial } from '../../src/protocols/tcp/dial.ts';
import { secretOf } from '../../src/seal/secret.ts';

export type Connection = Awaited<ReturnType<typeof mosquitto.open>>;
export type Settings = Partial<Record<keyof Config, unknown>>;
export type Session = { readonly socket: Socket; readonly closed: Promise<void>; end(): void };
export type Ground = {
  readonly dir: string;
  readonly lab: LabMosquitto;
  readonly connection: Connection;
  open(more?: Settings, io?: Partial<Io>): Promise<Connection>;
  ref(name: string): AccountRef;
  secret(label?: string): Secret;
  first(name: string): Secret;
  say(name: string, tried: Secret, on?: Connection): Promise<string>;
  /** A client that logs in and stays. */
  session(user: string, password: string): Promise<Session>;
  leaks(): string[];
  stop(): Promise<void>;
};

export async function ground(options: Omit<MosquittoOptions, 'dir'>): Promise<Ground> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-mqtt-'));
  const lab = await startMosquitto({ ...options, dir });
  const made: string[] = [];
  const io = (more: Partial<Io>): Io => ({
    system: 'lab-mqtt',
    timeoutMs: 3_000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: () => Promise.reject(new Error('this connector has no secret of its own')),
    path: (relative) => resolve(dir, relative),
    ...more,
  });
  const open = (more: Settings = {}, ioMore: Partial<Io> = {}): Promise<Connection> =>
    mosquitto.open(config.parse({ file: lab.passwordFile, reload: { pidFile: lab.pidFile }, port: lab.port, ...more }), io(ioMore));
  const connection = await open();
  const ref = (name: string): AccountRef => ({ system: 'lab-mqtt', id: name, name });
  return {
    dir,
    lab,
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
      const [where] = await on.probe.paths();
      if (where === undefined) throw new Error('no path');
      const { verdict, code } = await on.probe.attempt(ref(name), tried, where);
      return `${verdict} ${code}`;
    },
    session: async (user, password) => {
      const at = { host: lab.host, port: lab.port, replica: '', tls: undefined };
      const socket = await dial(at, { until: performance.now() + 5_000, signal: new AbortController().signal });
      if ('failed' in socket) throw new Error(`mqtt: ${socket.failed}`);
      const closed = new Promise<void>((done) => socket.once('close', () => done()));
      const answer = new Promise<Buffer>((done) => socket.once('data', done));
      socket.write(connect(`device-${randomBytes(4).toString('hex')}`, user, Buffer.from(password)));
      if ((await answer)[3] !== 0) throw new Error('mqtt: refused');
      return { socket, closed, end: () => socket.destroy() };
    },
    leaks: () =>
      readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((file) => made.some((text) => readFileSync(file).includes(text))),
    stop: async () => {
      await connection[Symbol.asyncDispose]();
      await lab.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export async function readAll(on: Connection, limit = 3): Promise<Found[]> {
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
