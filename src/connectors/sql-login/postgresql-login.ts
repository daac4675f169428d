// One login to PostgreSQL with one secret: explicit in everything, so that no PG* variable or .pgpass of this machine decides for us.
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import type { Client, ClientConfig } from 'pg';
import type { Io, Probed, Secret } from '../../kit/kit.ts';
import { deadline } from '../../protocols/mysql/login.ts';
import type { Endpoint } from '../../protocols/mysql/settings.ts';
import { verdictOf } from './postgresql-verdict.ts';

export type Login = { readonly user: string; readonly secret: Secret; readonly database: string; readonly external: boolean };

export async function attempt(
  driver: typeof import('pg'),
  endpoint: Endpoint,
  login: Login,
  io: Pick<Io, 'timeoutMs' | 'signal'>,
): Promise<Probed> {
  if (io.signal.aborted) return { verdict: 'indeterminate', code: 'ABORTED' };
  let asked = false;
  const client = new driver.Client({
    ...clientConfig(endpoint, login, io.timeoutMs),
    password: () => {
      asked = true;
      return login.secret.text((text) => text);
    },
  });
  client.on('error', () => {});
  const { promise, stop } = deadline(io);
  const answered = connect(client, () => asked, login.external);
  const probed = await Promise.race([answered, promise.then((code): Probed => ({ verdict: 'indeterminate', code }))]);
  stop();
  // Without waiting: the goodbye of a server that hangs is not worth a probe's time.
  void client.end().catch(() => {});
  return probed;
}

async function connect(client: Client, asked: () => boolean, external: boolean): Promise<Probed> {
  try {
    await client.connect();
    return { verdict: 'accepted', code: '00000' };
  } catch (error) {
    const { code, routine, message } = error as { code?: unknown; routine?: unknown; message?: unknown };
    const known = typeof code === 'string' && code !== '' ? code : codeOf(typeof message === 'string' ? message : '');
    return {
      verdict: verdictOf({ code: known, routine: typeof routine === 'string' ? routine : undefined, asked: asked(), external }),
      code: known,
    };
  }
}

function clientConfig({ host, port, tls }: Endpoint, { user, database }: Login, timeoutMs: number): ClientConfig {
  return {
    host,
    port,
    user,
    database,
    application_name: 'rekey-probe',
    connectionTimeoutMillis: timeoutMs,
    options: '-c search_path=pg_catalog',
    ssl: tls === undefined ? false : tlsOptions(tls),
  };
}

function tlsOptions({ ca, servername }: NonNullable<Endpoint['tls']>): ConnectionOptions {
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    // The driver sets servername to the host it dials: another expected name goes through the check itself.
    ...(servername === undefined ? {} : { checkServerIdentity: (_host, certificate) => checkServerIdentity(servername, certificate) }),
  };
}

/** Names for the driver's own refusals, which have no code. */
function codeOf(text: string): string {
  if (text.includes('timeout')) return 'ETIMEDOUT';
  if (text.includes('SSL')) return 'ENOTLS';
  if (text.includes('terminated')) return 'ECONNRESET';
  return text.includes('SASL') ? 'ESASL' : 'EPROTO';
}
