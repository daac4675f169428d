// How any connection to a server is made: explicit in everything, verified before the password is sent, and nothing read from this machine for the server.
import { connect, type Socket } from 'node:net';
import type { AuthPlugin, Connection, ConnectionOptions } from 'mysql2';
import type { Io, Secret } from '../../kit/kit.ts';
import { signature } from './ed25519.ts';
import type { Endpoint } from './settings.ts';

export type Driver = Pick<typeof import('mysql2'), 'createConnection'>;

/** `clear`: the server may ask for the password itself (PAM, LDAP). Only inside TLS, on a unix socket or on this machine. */
export type Login = {
  readonly user: string;
  readonly secret: Secret;
  readonly program: string;
  readonly clear?: boolean;
  readonly database?: string;
};

/** `open`: logged in. `failed`: the server answered with an error number. `lost`: anything else, named by a code. */
export type LoginAnswer =
  | { readonly kind: 'open'; readonly connection: Connection }
  | { readonly kind: 'failed'; readonly errno: number }
  | { readonly kind: 'lost'; readonly code: string };

export async function logIn(driver: Driver, endpoint: Endpoint, login: Login, io: Pick<Io, 'timeoutMs' | 'signal'>): Promise<LoginAnswer> {
  if (io.signal.aborted) return { kind: 'lost', code: 'ABORTED' };
  const connection = login.secret.text((password) => driver.createConnection({ ...optionsFor(endpoint, login, io.timeoutMs), password }));
  // Errors outside of a command are of no use to anybody; without a listener they would end the process.
  connection.on('error', () => {});
  const { promise, stop } = deadline(io);
  const answered = new Promise<LoginAnswer>((resolve) => {
    connection.connect((error: unknown) => {
      if (error === null || error === undefined) resolve({ kind: 'open', connection });
      else resolve(failureOf(error));
    });
  });
  const answer = await Promise.race([answered, promise.then((code): LoginAnswer => ({ kind: 'lost', code }))]);
  stop();
  if (answer.kind !== 'open') connection.destroy();
  return answer;
}

/** Resolves with why a wait ends: the time is over or the run was stopped. */
export function deadline(io: Pick<Io, 'timeoutMs' | 'signal'>, ms = io.timeoutMs): { readonly promise: Promise<string>; stop(): void } {
  let stop = (): void => {};
  const promise = new Promise<string>((resolve) => {
    const timer = setTimeout(() => resolve('ETIMEDOUT'), Math.max(1, ms));
    const aborted = (): void => resolve('ABORTED');
    io.signal.addEventListener('abort', aborted, { once: true });
    stop = () => {
      clearTimeout(timer);
      io.signal.removeEventListener('abort', aborted);
    };
  });
  return { promise, stop };
}

/** The server's errors have an SQLSTATE; those of the driver and the socket have none. The driver's names for numbers are MySQL's, wrong for MariaDB. */
export function failureOf(error: unknown): { kind: 'failed'; errno: number } | { kind: 'lost'; code: string } {
  const { errno, sqlState, code, message } = error as { errno?: unknown; sqlState?: unknown; code?: unknown; message?: unknown };
  if (typeof errno === 'number' && errno > 0 && typeof sqlState === 'string') return { kind: 'failed', errno };
  // The driver puts one code over every failure of TLS: what failed stands in the text alone.
  const text = typeof message === 'string' ? message : '';
  if (code === 'HANDSHAKE_SSL_ERROR') return { kind: 'lost', code: /altnames/i.test(text) ? 'ERR_TLS_CERT_ALTNAME_INVALID' : 'ETLS' };
  return { kind: 'lost', code: typeof code === 'string' && code !== '' ? code : 'EPROTO' };
}

function optionsFor(endpoint: Endpoint, login: Login, timeoutMs: number): ConnectionOptions {
  const { host, tls } = endpoint;
  const local = host.startsWith('/');
  return {
    // The driver verifies the certificate against `host`; the stream decides where to connect.
    host: tls?.servername ?? host,
    port: endpoint.port,
    ...(local ? { socketPath: host } : {}),
    stream: () => dial(endpoint),
    user: login.user,
    ...(login.database === undefined ? {} : { database: login.database }),
    charset: 'utf8mb4',
    connectTimeout: timeoutMs,
    ...(tls === undefined
      ? {}
      : {
          ssl: { rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2', ...(tls.ca === undefined ? {} : { ca: tls.ca }) },
        }),
    // No LOAD DATA LOCAL: a server could ask for any file of this machine.
    flags: ['-LOCAL_FILES'],
    connectAttributes: { program_name: login.program },
    enableCleartextPlugin: login.clear === true,
    authPlugins: { client_ed25519: ed25519Plugin(login.secret), ...(login.clear === true ? { dialog: dialogPlugin(login.secret) } : {}) },
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    typeCast: true,
  } as ConnectionOptions; // the types know only `charset` as an option of pools and `flags` as a list of names
}

function dial({ host, port }: Endpoint): Socket {
  if (host.startsWith('/')) return connect(host);
  const socket = connect({ port, host, noDelay: true, keepAlive: true });
  // For an address the driver gives TLS no name, and Node then checks the certificate against this, or "localhost": it must be the address.
  (socket as Socket & { _host?: string })._host = host;
  return socket;
}

const ed25519Plugin =
  (secret: Secret): AuthPlugin =>
  () =>
  (nonce) =>
    secret.use((bytes) => signature(bytes, nonce.subarray(0, 32)));

/** MariaDB's PAM conversation: one byte says what kind of answer is wanted, 4 = a password. Asked again, the first one was wrong: nothing is sent. */
const dialogPlugin =
  (secret: Secret): AuthPlugin =>
  () => {
    let asked = false;
    return () => {
      if (asked) throw new Error('asked for a second answer');
      asked = true;
      return secret.use((bytes) => Buffer.concat([bytes, Buffer.of(0)]));
    };
  };
