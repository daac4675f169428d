// What the RabbitMQ suites stand on: one lab broker, an open connector, AMQP connections that stay open, and every secret made.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type LabRabbit, type RabbitOptions, startRabbit } from '../../lab/rabbitmq.ts';
import { type Config, config } from '../../src/connectors/rabbitmq/config.ts';
import { rabbitmq } from '../../src/connectors/rabbitmq/rabbitmq.ts';
import type { AccountRef, Check, Found, Io, Outcome, Secret } from '../../src/kit/kit.ts';
import { method, open as openVhost, protocolHeader, readMethod, startOk, tuneOk } from '../../src/protocols/amqp/frames.ts';
import { dial } from '../../src/protocols/tcp/dial.ts';
import { secretOf } from '../../src/seal/secret.ts';

export type Connection = Awaited<ReturnType<typeof rabbitmq.open>>;
export type Settings = Partial<Record<keyof Config, unknown>>;
/** A client's connection; `closed` resolves when the broker ends it. */
export type Session = { readonly socket: Socket; readonly closed: Promise<void>; end(): void };
export type Ground = {
  readonly lab: LabRabbit;
  readonly connection: Connection;
  open(more?: Settings, io?: Partial<Io>): Promise<Connection>;
  ref(name: string): AccountRef;
  secret(label?: string): Secret;
  first(name: string): Secret;
  /** Verdict and code by AMQP, then by the management API. */
  say(name: string, tried: Secret, on?: Connection): Promise<string[]>;
  session(user: string, password: string): Promise<Session>;
  leaks(): string[];
  stop(): Promise<void>;
};

export async function ground(options: Omit<RabbitOptions, 'dir'>): Promise<Ground> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-rabbit-'));
  const lab = await startRabbit({ ...options, dir });
  const made: string[] = [];
  const io = (more: Partial<Io>): Io => ({
    system: 'lab-mq',
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: async () => secretOf('own', lab.rekey.password),
    path: (relative) => resolve(dir, relative),
    ...more,
  });
  const open = (more: Settings = {}, ioMore: Partial<Io> = {}): Promise<Connection> =>
    rabbitmq.open(
      config.parse({
        host: lab.host,
        port: lab.port,
        amqp: [{ host: lab.host, port: lab.amqpPort }],
        user: 'rekey',
        password: { env: 'UNUSED' },
        ...more,
      }),
      io(ioMore),
    );
  const connection = await open();
  const ref = (name: string): AccountRef => ({ system: 'lab-mq', id: name, name });
  return {
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
      const probed = await Promise.all((await on.probe.paths()).map((where) => on.probe.attempt(ref(name), tried, where)));
      return probed.map(({ verdict, code }) => `${verdict} ${code}`);
    },
    session: (user, password) => session(lab, user, password),
    leaks: () =>
      readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((file) => made.some((text) => readFileSync(file).includes(text))),
    stop: async () => {
      await connection[Symbol.asyncDispose]();
      await lab.stop();
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A client that logs in and stays, as an application's would. */
async function session(lab: LabRabbit, user: string, password: string): Promise<Session> {
  const at = { host: lab.host, port: lab.amqpPort, replica: '', tls: undefined };
  const socket = await dial(at, { until: performance.now() + 5_000, signal: new AbortController().signal });
  if ('failed' in socket) throw new Error(`amqp: ${socket.failed}`);
  const closed = new Promise<void>((done) => socket.once('close', () => done()));
  await new Promise<void>((done, fail) => {
    let received = Buffer.alloc(0);
    socket.once('close', () => fail(new Error('amqp: closed')));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      for (;;) {
        const read = readMethod(received);
        if (typeof read === 'string') return;
        received = received.subarray(read.used);
        // Another connection name than a probe's: this is not ours.
        if (read.name === method.start)
          socket.write(
            Buffer.from(startOk(user, Buffer.from(password)).toString('latin1').replace('rekey-probe', 'application'), 'latin1'),
          );
        if (read.name === method.tune) socket.write(Buffer.concat([tuneOk(read.limits), openVhost('/')]));
        if (read.name === method.openOk) done();
        if (read.name === method.close) socket.destroy();
      }
    });
    socket.write(protocolHeader);
  });
  return { socket, closed, end: () => socket.destroy() };
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

/** Looks until it is so: the API shows a new connection a moment later. */
export async function until(what: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await what()); waited += 50) {
    if (waited > 10_000) throw new Error('not within 10 s');
    await new Promise((done) => setTimeout(done, 50));
  }
}

export function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') throw new Error(`${outcome.kind}: ${outcome.fault.code} ${outcome.fault.message}`);
  return outcome.value;
}
