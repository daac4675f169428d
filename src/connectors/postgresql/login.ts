// How any connection to a server is made: explicit in everything, so that no PG* variable or .pgpass of the host decides for us.
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import type { ClientConfig } from 'pg';
import type { Endpoint } from './config.ts';

export const probeName = 'rekey-probe';
export const adminName = 'rekey';

export function clientConfig(endpoint: Endpoint, database: string, user: string, timeoutMs: number, name: string): ClientConfig {
  // The server gives up before we do, so that a slow statement ends with an answer. search_path: no function of somebody else's schema is ever called.
  const serverMs = Math.max(100, Math.floor(timeoutMs * 0.8));
  return {
    host: endpoint.host,
    port: endpoint.port,
    database,
    user,
    application_name: name,
    ssl: endpoint.tls === undefined ? false : tlsOptions(endpoint.tls),
    connectionTimeoutMillis: timeoutMs,
    options: `-c statement_timeout=${serverMs} -c search_path=pg_catalog`,
    keepAlive: true,
  };
}

function tlsOptions(tls: NonNullable<Endpoint['tls']>): ConnectionOptions {
  const { ca, servername } = tls;
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    // The driver sets servername to the host it dials: another expected name goes through the check itself.
    ...(servername === undefined ? {} : { checkServerIdentity: (_host, certificate) => checkServerIdentity(servername, certificate) }),
  };
}

/** The server's SQLSTATE, Node's code, or a name for the driver's own refusals, which have none. */
export function codeOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && code !== '') return code;
  const text = typeof message === 'string' ? message : '';
  const known = driverTexts.find(([part]) => text.includes(part));
  return known?.[1] ?? 'EPROTO';
}

const driverTexts: readonly (readonly [string, string])[] = [
  ['timeout exceeded when trying to connect', 'EPOOL'],
  ['timeout expired', 'ETIMEDOUT'],
  ['connection timeout', 'ETIMEDOUT'],
  ['does not support SSL', 'ENOTLS'],
  ['establishing an SSL connection', 'ENOTLS'],
  ['Connection terminated', 'ECONNRESET'],
  ['SASL', 'ESASL'],
];
