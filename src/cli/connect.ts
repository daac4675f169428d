// Chooses the way to the API and keeps to it: a named server, else the process that has this estate open, else the estate opened here.
import { chmod, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../domain/problem.ts';
import { type Cli, type Flags, text } from './cli.ts';
import { type Api, apiOver, got } from './client.ts';
import type { OpenEstate, ServeOptions, Serving } from './house.ts';
import { tokenFor } from './token-file.ts';
import { listens, localTransport, socketTransport, type Transport, Unsent, urlTransport } from './transport.ts';

export type About = {
  readonly estate: string;
  readonly demo: boolean;
  readonly version: string;
  readonly caller: { readonly name: string; readonly custodian: boolean };
};
export type Connection = {
  readonly kind: 'url' | 'socket' | 'here';
  /** What the context line shows. */
  readonly place: string;
  readonly transport: Transport;
  readonly api: Api;
  readonly about: About;
  close(): Promise<void>;
};
/** The estate is open in this process, so more doors to it can be opened. */
export type Held = Connection & { serve(options: ServeOptions): Promise<Serving> };
/** `worker`: if the estate has to be opened here, this process also does the work. */
export type Wanted = { readonly worker?: boolean };

/** Another command may be closing the estate this very moment: an embedded store is released within seconds. */
const patience = 10_000;
/** sockaddr_un holds 108 bytes with its final zero. */
const longestSocket = 107;

export async function connectTo(cli: Cli, flags: Flags, wanted: Wanted = {}): Promise<Connection> {
  const named = text(flags, 'context') ?? (text(flags, 'estate') === undefined ? cli.terminal.env.REKEY_URL : undefined);
  if (text(flags, 'context') !== undefined && text(flags, 'estate') !== undefined) {
    throw new Problem('usage', {
      message: '--context and --estate contradict each other',
      hint: 'name the server or the folder, not both',
    });
  }
  if (named) return connection(cli, 'url', named, urlTransport(named, await tokenFor(named, cli.terminal.env)), async () => {});
  const folder = await cli.house.estateFolder(text(flags, 'estate'), cli.terminal.cwd, cli.terminal.env);
  const socket = join(folder, '.rekey', 'rekey.sock');
  const started = Date.now();
  for (;;) {
    try {
      if (await listens(socket)) return await overSocket(cli, flags, wanted, folder, socket);
      return await openHere(cli, folder, socket, wanted);
    } catch (error) {
      if (!isPassing(error, socket) || Date.now() - started > patience) throw error;
      await delay(200);
    }
  }
}

function isPassing(error: unknown, socket: string): boolean {
  return error instanceof Problem && (error.code === 'estate-locked' || (error.code === 'target-unreachable' && error.place === socket));
}

/** The other process may end between two calls. A call that surely did not reach it goes to whoever has the estate next. */
async function overSocket(cli: Cli, flags: Flags, wanted: Wanted, folder: string, socket: string): Promise<Connection> {
  const direct = socketTransport(socket);
  let next: Connection | undefined;
  const transport: Transport = async (call) => {
    if (next !== undefined) return next.transport(call);
    const unsent = await direct(call).catch((error: unknown) => {
      if (error instanceof Unsent && typeof call.body !== 'object') return undefined;
      throw error;
    });
    // 503: the process is closing and refused before any route ran.
    if (unsent !== undefined && unsent.status !== 503) return unsent;
    // An upload is partly read by now and cannot be read again.
    if (typeof call.body === 'object')
      throw new Problem('target-unreachable', {
        message: 'the process that had this estate open ended during the upload',
        hint: 'run the command again',
      });
    next = await connectTo(cli, flags, wanted);
    return next.transport(call);
  };
  return connection(cli, 'socket', folder, transport, async () => next?.close());
}

/** Opens the estate in this process even where another one answers: workers may be many. */
export async function openHere(cli: Cli, folder: string, socket: string, wanted: Wanted): Promise<Held> {
  const estate = await cli.house.openEstate({ folder, ...(wanted.worker === undefined ? {} : { worker: wanted.worker }) });
  try {
    await listen(cli, estate, socket, wanted);
    const here = await connection(cli, 'here', folder, localTransport(estate.api), () => estate.close());
    return { ...here, serve: (options) => estate.serve(options) };
  } catch (error) {
    await estate.close();
    throw error;
  }
}

/** So that a second terminal can look and pause. A socket file nobody answers on is what a killed process left: it is removed. */
async function listen(cli: Cli, estate: OpenEstate, socket: string, wanted: Wanted): Promise<void> {
  if (Buffer.byteLength(socket) > longestSocket) {
    if (wanted.worker) cli.warn('the path of this estate is too long for a socket: other terminals cannot reach this process');
    return;
  }
  if (await listens(socket)) return;
  try {
    await mkdir(dirname(socket), { recursive: true, mode: 0o700 });
    await rm(socket, { force: true });
    await estate.listen(socket);
    await chmod(socket, 0o600);
  } catch (error) {
    if (wanted.worker) cli.warn(`other terminals cannot reach this process: ${(error as NodeJS.ErrnoException).code ?? 'no socket'}`);
  }
}

async function connection(
  cli: Cli,
  kind: Connection['kind'],
  place: string,
  transport: Transport,
  close: () => Promise<void>,
): Promise<Connection> {
  const api = apiOver(transport);
  const about = await got(cli, api.GET('/v1/about'));
  if (about.demo && !cli.warnings.includes(demoNotice)) cli.warn(demoNotice);
  return { kind, place, transport, api, about, close };
}

const demoNotice = 'DEMO: a fictitious estate, nothing real is touched';

/** First line of every command that changes something: which estate, where, as whom. */
export function sayContext(cli: Cli, { place, about }: Connection): void {
  const { bold } = cli.colors(cli.terminal.stderr);
  cli.say(`estate ${bold(about.estate)} (${place}) · you are ${about.caller.name}`);
}

/** Connects, works, and closes on every way out. */
export async function withApi(cli: Cli, flags: Flags, wanted: Wanted, work: (connection: Connection) => Promise<number>): Promise<number> {
  const connected = await connectTo(cli, flags, wanted);
  try {
    return await work(connected);
  } finally {
    await connected.close();
  }
}
