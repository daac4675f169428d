// Opens a served PostgreSQL as the store: refuses one that is too old or not durable, migrates it, and survives lost connections.
import pg from 'pg';
import { Problem } from '../domain/problem.ts';
import { migrate } from './migrate.ts';
import { poolStore } from './pool-store.ts';
import type { Store } from './sql.ts';

const connectMs = 10_000;
const oldest = 15;

/** A statement ends at the server after 60 s; 90 s without an answer is a dead network. A transaction never waits for a person or a target. */
const limits = {
  connectionTimeoutMillis: 30_000,
  statement_timeout: 60_000,
  query_timeout: 90_000,
  idle_in_transaction_session_timeout: 120_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
} as const;

export async function openPostgres(url: string, options: { poolSize?: number } = {}): Promise<Store> {
  const size = options.poolSize ?? 10;
  const base = { connectionString: checkUrl(url), application_name: 'rekey' };
  await prepare(base);
  const pool = poolOf({ ...base, ...limits, max: size, onConnect });
  // Its own connections never write, so what they see is committed, whoever wrote it.
  const freshPool = poolOf({ ...base, ...limits, max: 2, onConnect: readOnly, application_name: 'rekey-fresh' });
  return poolStore({
    kind: 'postgres',
    flushes: Math.max(1, Math.min(3, size - 1)),
    pool,
    freshPool,
    async close() {
      await Promise.all([pool.end(), freshPool.end()]);
    },
  });
}

function poolOf(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config);
  // An idle connection that dies leaves the pool by itself; without a listener it would end the process.
  pool.on('error', () => undefined);
  return pool;
}

/** With synchronous_commit off a crash of the server loses acknowledged commits. */
const setDurable = "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'";
/** Compiling a list's query takes a second before its first row; the query takes a tenth of that without. */
const setPlain = 'set jit = off';
const onConnect = (client: pg.ClientBase): undefined => client.query(`${setDurable}; ${setPlain}`) as unknown as undefined; // the pool awaits it; its type says void
const readOnly = (client: pg.ClientBase): undefined => client.query('set default_transaction_read_only = on') as unknown as undefined;

/** Errors of URL parsers quote the URL, and with it the password: they stop here. */
function checkUrl(url: string): string {
  const ok = URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol);
  if (ok) return url;
  throw new Problem('invalid-config', {
    message: 'The store URL is not a PostgreSQL URL.',
    place: 'store.url',
    hint: 'Write it as postgres://user@host:5432/database; the password may come from PGPASSWORD or ~/.pgpass.',
  });
}

async function prepare(base: pg.ClientConfig): Promise<void> {
  // No statement timeout here: a migration of a large table takes as long as it takes.
  const client = new pg.Client({ ...base, connectionTimeoutMillis: connectMs, keepAlive: true });
  client.on('error', () => undefined);
  await client.connect().catch((error: unknown) => Promise.reject(cannotConnect(client, error)));
  try {
    const { rows } = await client.query(
      "select current_setting('server_version_num')::int4 / 10000 as major, current_setting('fsync') as fsync, current_setting('server_encoding') as encoding",
    );
    const server = rows[0] as { major: number; fsync: string; encoding: string }; // the statement names them
    if (server.major < oldest) throw refusal(`PostgreSQL ${server.major} is too old for the store.`, `Use PostgreSQL ${oldest} or newer.`);
    if (server.fsync !== 'on')
      throw refusal('The database runs with fsync off: a power cut would lose passwords.', 'Set fsync = on in postgresql.conf.');
    if (server.encoding !== 'UTF8')
      throw refusal(
        `The database is encoded in ${server.encoding}.`,
        "Create it with: create database rekey encoding 'UTF8' template template0",
      );
    await migrate(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

const refusal = (message: string, hint: string): Problem => new Problem('invalid-config', { message, place: 'store.url', hint });

function cannotConnect(client: pg.Client, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const where = `${client.user ?? ''}@${client.host}:${client.port}/${client.database ?? ''}`;
  if (/^28/.test(code))
    return refusal(`${where} refused the sign-in (${code}).`, 'Check user, password (PGPASSWORD, ~/.pgpass) and pg_hba.conf.');
  if (code === '3D000') return refusal(`The database of ${where} does not exist.`, `Create it: createdb ${client.database ?? 'rekey'}`);
  return new Problem('target-unreachable', {
    message: `The store ${where} cannot be reached: ${code || (error instanceof Error ? error.message : 'unknown error')}`,
    place: 'store.url',
    hint: 'Check that the server runs, listens there and that TLS settings (sslmode) fit.',
  });
}
