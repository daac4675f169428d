// One connection for one call, explicit in everything and bounded in time: no PG* variable of the host decides, and no call hangs.
import { Socket } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import type { Client, ClientConfig } from 'pg';
import { type Io, type Outcome, refused } from '../../kit/kit.ts';
import { type Tls, tlsFor } from '../../kit/settings.ts';
import type { Config } from './config.ts';
import { outcomeOf, type Phase } from './fault.ts';

/** `phase` is for the work to move: it decides what a lost connection means. */
export type Session = { readonly client: Client; phase: Phase };

export type Sessions = <T>(work: (session: Session) => Promise<Outcome<T>>) => Promise<Outcome<T>>;

export function sessions(driver: typeof import('pg'), config: Config, io: Io): Sessions {
  const tls = tlsFor(config.host, config.tls, io);
  return async (work) => {
    if (io.signal.aborted) return refused('unreachable', 'stopped before anything was sent', { target: 'ABORTED' });
    let password: string;
    try {
      password = (await io.resolve(config.password)).text((text) => text);
    } catch {
      return refused('auth', "the store's own password could not be read: see config.password", { target: 'NO-SECRET' });
    }
    const socket = new Socket();
    const client = new driver.Client({ ...settingsOf(config, tls, io.timeoutMs), password, stream: () => socket });
    // An error outside a query has its consequence at the next one; without a listener it would end the process.
    client.on('error', () => {});
    let cutOff: string | undefined;
    const cut = (code: string) => (): void => {
      cutOff = code;
      socket.destroy();
    };
    const timer = setTimeout(cut('ETIMEDOUT'), io.timeoutMs);
    const aborted = cut('ABORTED');
    io.signal.addEventListener('abort', aborted, { once: true });
    const session: Session = { client, phase: 'connecting' };
    try {
      await client.connect();
      session.phase = 'working';
      return await work(session);
    } catch (error) {
      return outcomeOf(error, session.phase, cutOff);
    } finally {
      await client.end().catch(() => {});
      clearTimeout(timer);
      io.signal.removeEventListener('abort', aborted);
      socket.destroy();
    }
  };
}

function settingsOf(config: Config, tls: Tls | undefined, timeoutMs: number): ClientConfig {
  // The server gives up before we do, so that a slow statement or a held lock ends with an answer.
  const statementMs = Math.max(100, Math.floor(timeoutMs * 0.8));
  const lockMs = Math.max(50, Math.floor(timeoutMs * 0.5));
  return {
    host: config.host,
    port: config.port,
    database: config.database,
    user: config.user,
    application_name: 'rekey',
    ssl: tls === undefined ? false : tlsOptions(tls),
    connectionTimeoutMillis: timeoutMs,
    options: `-c statement_timeout=${statementMs} -c lock_timeout=${lockMs} -c search_path=pg_catalog`,
  };
}

function tlsOptions({ ca, servername }: Tls): Exclude<ClientConfig['ssl'], boolean | undefined> {
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    // The driver sets servername to the host it dials: another expected name goes through the check itself.
    ...(servername === undefined ? {} : { checkServerIdentity: (_host, certificate) => checkServerIdentity(servername, certificate) }),
  };
}
