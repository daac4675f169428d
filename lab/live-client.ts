// A workload of its own: it reads its secret from its file, holds a connection, works on it all the time, and writes down every moment without one.
import { appendFileSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type CredentialFormat, readCredential } from './credential-file.ts';
import { sleep } from './process.ts';

export type LiveTarget =
  | { readonly kind: 'postgres'; readonly host: string; readonly port: number; readonly user: string; readonly database?: string }
  | { readonly kind: 'ldap'; readonly url: string; readonly dn: string };

export type LiveOptions = {
  readonly target: LiveTarget;
  /** The workload's own file and where in it the secret stands. */
  readonly file: string;
  readonly format: CredentialFormat;
  /** NDJSON, appended. Left out: only `events`. */
  readonly log?: string;
  /** Shown to the server where it has a place for it (application_name). */
  readonly name?: string;
  readonly everyMs?: number;
  readonly retryMs?: number;
};

/** `fresh`: the secret differs from that of the connection before. Never the secret itself. */
export type LiveEvent = {
  readonly at: string;
  readonly event: 'started' | 'connected' | 'lost' | 'refused' | 'unreachable' | 'unreadable' | 'reloading' | 'stopped';
  readonly code?: string;
  readonly fresh?: boolean;
};

export type LiveClient = {
  readonly events: readonly LiveEvent[];
  readonly connected: boolean;
  /** Rounds of work done; grows while the connection is good. */
  readonly rounds: number;
  /** As on SIGHUP: reads the file again and connects with what it says; the old connection goes when the new one stands. */
  reload(): void;
  stop(): Promise<void>;
};

/** One open connection. `lost` resolves with a code when it has died by itself. */
type Link = { readonly lost: Promise<string>; work(): Promise<void>; close(): Promise<void> };
class Refused extends Error {}

export function startLiveClient(options: LiveOptions): LiveClient {
  const { everyMs = 200, retryMs = 250, name = 'live-client' } = options;
  const events: LiveEvent[] = [];
  let stopped = false;
  let reloading = false;
  let link: Link | undefined;
  let used: string | undefined;
  let rounds = 0;
  let wake = (): void => {};

  const note = (event: LiveEvent['event'], more: Partial<LiveEvent> = {}): void => {
    const line: LiveEvent = { ...more, at: new Date().toISOString(), event };
    events.push(line);
    if (options.log !== undefined) appendFileSync(options.log, `${JSON.stringify(line)}\n`);
  };
  /** Until the time is over, or somebody has something to say. */
  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  async function connect(): Promise<void> {
    let secret: string;
    try {
      secret = readCredential(readFileSync(options.file, 'utf8'), options.format);
    } catch {
      note('unreadable');
      return;
    }
    try {
      const opened =
        options.target.kind === 'postgres' ? await openPostgres(options.target, secret, name) : await openLdap(options.target, secret);
      const before = link;
      link = opened;
      note('connected', { fresh: used !== undefined && used !== secret });
      used = secret;
      void opened.lost.then((code) => {
        if (link !== opened || stopped) return;
        link = undefined;
        note('lost', { code });
        wake();
      });
      await before?.close();
    } catch (error) {
      const { code, message } = error as { code?: unknown; message?: string };
      note(error instanceof Refused ? 'refused' : 'unreachable', {
        code: error instanceof Refused ? (message ?? '') : String(code ?? 'no-code'),
      });
    }
  }

  async function live(): Promise<void> {
    note('started');
    while (!stopped) {
      if (link === undefined || reloading) {
        reloading = false;
        await connect();
        if (link === undefined) {
          await rest(retryMs);
          continue;
        }
      }
      const current = link;
      try {
        await current.work();
        rounds++;
        await rest(everyMs);
      } catch (error) {
        if (link === current) {
          link = undefined;
          note('lost', { code: String((error as { code?: unknown }).code ?? 'no-code') });
          await current.close();
        }
      }
    }
    await link?.close();
    note('stopped');
  }

  const life = live();
  return {
    events,
    get connected() {
      return link !== undefined;
    },
    get rounds() {
      return rounds;
    },
    reload: () => {
      note('reloading');
      reloading = true;
      wake();
    },
    stop: async () => {
      stopped = true;
      wake();
      await life;
    },
  };
}

/** The longest time without a connection between two moments, in milliseconds. Time before `started` counts for nothing. */
export function longestOutage(events: readonly LiveEvent[], from = 0, to = Date.now()): number {
  let longest = 0;
  let since: number | undefined;
  const close = (end: number): void => {
    if (since !== undefined) longest = Math.max(longest, Math.min(end, to) - Math.max(since, from));
    since = undefined;
  };
  for (const { at, event } of events) {
    const time = Date.parse(at);
    if (event === 'connected' || event === 'stopped') close(time);
    if (event === 'started' || event === 'lost') since ??= time;
  }
  close(to);
  return longest;
}

/** What another process has written so far; a last line still being written is left out. */
export function readEvents(log: string): LiveEvent[] {
  const whole = readFileSync(log, 'utf8');
  return whole
    .slice(0, whole.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LiveEvent);
}

const within = 3_000;

async function openPostgres(target: Extract<LiveTarget, { kind: 'postgres' }>, secret: string, name: string): Promise<Link> {
  const { Client } = await import('pg');
  const { host, port, user, database = 'postgres' } = target;
  const client = new Client({
    host,
    port,
    user,
    database,
    password: secret,
    ssl: false,
    application_name: name,
    connectionTimeoutMillis: within,
    query_timeout: within,
  });
  let die = (_code: string): void => {};
  const lost = new Promise<string>((resolve) => {
    die = resolve;
  });
  client.on('error', (error) => die(String((error as { code?: unknown }).code ?? 'no-code')));
  client.on('end', () => die('end'));
  await client.connect().catch((error: { code?: string }) => {
    if (error.code === '28P01' || error.code === '28000') throw new Refused(error.code);
    throw error;
  });
  return {
    lost,
    work: async () => void (await client.query('SELECT 1')),
    close: () => Promise.race([client.end(), sleep(within)]).catch(() => {}),
  };
}

async function openLdap(target: Extract<LiveTarget, { kind: 'ldap' }>, secret: string): Promise<Link> {
  const { Client, InvalidCredentialsError } = await import('ldapts');
  const client = new Client({ url: target.url, timeout: within, connectTimeout: within });
  try {
    await client.bind(target.dn, secret);
  } catch (error) {
    await client.unbind().catch(() => {});
    if (error instanceof InvalidCredentialsError) throw new Refused('49');
    throw error;
  }
  return {
    // The client library does not say when its socket dies: the next round of work sees it.
    lost: new Promise(() => {}),
    work: async () => {
      // The library would reconnect by itself, unbound: that is no working login.
      if (!client.isConnected) throw Object.assign(new Error('closed'), { code: 'end' });
      await client.search('', { scope: 'base', attributes: ['1.1'], sizeLimit: 1 });
    },
    close: () => client.unbind().catch(() => {}),
  };
}

/** `--target postgres://user@host:port/database` or `--target ldap://host:port --dn DN`. */
function main(): void {
  const { values } = parseArgs({
    options: {
      target: { type: 'string' },
      dn: { type: 'string', default: '' },
      file: { type: 'string' },
      format: { type: 'string', default: 'line' },
      log: { type: 'string' },
      name: { type: 'string' },
      every: { type: 'string', default: '200' },
      retry: { type: 'string', default: '250' },
    },
  });
  if (values.target === undefined || values.file === undefined)
    throw new Error('live-client: --target URL --file PATH [--format F] [--dn DN] [--log PATH]');
  const url = new URL(values.target);
  const target: LiveTarget = url.protocol.startsWith('ldap')
    ? { kind: 'ldap', url: values.target, dn: values.dn }
    : {
        kind: 'postgres',
        host: url.hostname,
        port: Number(url.port || 5432),
        user: decodeURIComponent(url.username),
        database: url.pathname.slice(1) || 'postgres',
      };
  const client = startLiveClient({
    target,
    file: values.file,
    format: values.format,
    everyMs: Number(values.every),
    retryMs: Number(values.retry),
    ...(values.log === undefined ? {} : { log: values.log }),
    ...(values.name === undefined ? {} : { name: values.name }),
  });
  process.on('SIGHUP', () => client.reload());
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void client.stop().then(() => process.exit(0)));
}

if (process.argv[1] !== undefined && import.meta.url === new URL(`file://${process.argv[1]}`).href) main();
