// What doctor shows of one PostgreSQL table store: server, login and the rights on each table, too few and too many.
import { type Capabilities, type Check, done, type Outcome } from '../../kit/kit.ts';
import type { Config, Table } from './config.ts';
import { identifier, tableName } from './quote.ts';
import type { Sessions } from './session.ts';

export function check(config: Config, open: Sessions): Capabilities['check'] {
  const at = `${config.host}:${config.port}`;
  return {
    async *run() {
      const server = await open(async ({ client }) => {
        const { rows } = await client.query<Server>(serverSql);
        return rows[0] === undefined ? notFound : done(rows[0]);
      });
      if (server.kind !== 'done') {
        yield unreached(at, server.fault.code, server.fault.message, server.fault.target ?? '');
        return;
      }
      yield { id: 'reach', verdict: 'ok', message: `${at} answers: PostgreSQL ${server.value.version}` };
      yield { id: 'auth', verdict: 'ok', message: `logged in as ${config.user} on ${config.database}` };
      if (server.value.standby)
        yield {
          id: 'replicas',
          verdict: 'fail',
          message: `${at} is a standby and takes no changes`,
          next: 'Point config.host at the primary.',
        };
      if (!server.value.temp)
        yield {
          id: 'rights',
          verdict: 'fail',
          message: 'no temporary table can be made, through which values reach the server without entering its log',
          next: `GRANT TEMPORARY ON DATABASE ${identifier(config.database)} TO ${identifier(config.user)}.`,
        };
      for (const table of config.tables) yield await tableCheck(config, table, open);
    },
  };
}

type Server = { readonly version: string; readonly standby: boolean; readonly temp: boolean };
const serverSql = `SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS standby,
  has_database_privilege(current_database(), 'TEMPORARY') AS temp`;
const notFound: Outcome<never> = { kind: 'refused', fault: { code: 'protocol', message: 'the server gave no answer to a plain question' } };

function unreached(at: string, code: string, message: string, target: string): Check {
  if (code === 'auth')
    return {
      id: 'auth',
      verdict: 'fail',
      message: `${at}: ${message}`,
      next: 'Put the right password where config.password points, and check pg_hba.conf.',
    };
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO/.test(target))
    return {
      id: 'tls',
      verdict: 'fail',
      message: `no verified TLS connection to ${at} (${target})`,
      next: "Give the server's CA as tls.ca.",
    };
  if (code === 'not-found')
    return { id: 'auth', verdict: 'fail', message: `${at}: ${message}`, next: 'Name an existing database in config.database.' };
  return { id: 'reach', verdict: 'fail', message: `${at}: ${message}`, next: 'Check host, port, firewall, and that the server runs.' };
}

type Rights = {
  readonly lacks: string[];
  readonly beyond: string[];
  readonly unique: boolean;
  readonly type: string | null;
  readonly length: number | null;
};

/** Columns that are not there make has_column_privilege an error, which is told as such. `type`: the kind of the value's column. */
const rightsSql = `
WITH t AS (SELECT $1::regclass AS oid)
SELECT ARRAY(SELECT 'SELECT (' || c || ')' FROM unnest($2::text[] || $3::text) c WHERE NOT has_column_privilege(t.oid, c, 'SELECT'))
    || CASE WHEN has_column_privilege(t.oid, $3, 'UPDATE') THEN '{}'::text[] ELSE ARRAY['UPDATE (' || $3 || ')'] END AS lacks,
  ARRAY(SELECT p FROM unnest(ARRAY['INSERT', 'DELETE', 'TRUNCATE', 'UPDATE']) p WHERE has_table_privilege(t.oid, p)) AS beyond,
  EXISTS (SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
    AND (SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY (i.indkey::int2[]))
      = (SELECT array_agg(k ORDER BY k) FROM unnest($2::text[]) k)) AS unique,
  (SELECT y.typcategory::text FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid WHERE a.attrelid = t.oid AND a.attname = $3) AS type,
  (SELECT NULLIF(a.atttypmod, -1) - 4 FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = $3) AS length
FROM t`;

async function tableCheck(config: Config, table: Table, open: Sessions): Promise<Check> {
  const found = await open(async ({ client }) => {
    const { rows } = await client.query<Rights>(rightsSql, [tableName(table), [...table.key], table.value]);
    return rows[0] === undefined ? notFound : done(rows[0]);
  });
  const fail = (message: string, next: string): Check => ({ id: 'rights', verdict: 'fail', message: `${table.table}: ${message}`, next });
  if (found.kind !== 'done')
    return fail(found.fault.message, 'Correct the table and its columns in the estate file, and GRANT USAGE ON its SCHEMA.');
  const { lacks, beyond, unique, type, length } = found.value;
  const user = identifier(config.user);
  if (lacks.length > 0) return fail(`lacks ${lacks.join(', ')}`, `GRANT ${lacks.join(', ')} ON ${tableName(table)} TO ${user}.`);
  if (type !== 'S') return fail(`${table.value} is not of a text type`, 'Name the column that holds the secret as text.');
  const warn = (message: string, next: string): Check => ({ id: 'rights', verdict: 'warn', message: `${table.table}: ${message}`, next });
  if (beyond.length > 0)
    return warn(
      `may also ${beyond.join(', ')} on the whole table: more than it needs`,
      `REVOKE them from ${user} and grant the columns only.`,
    );
  if (!unique) return warn(`no unique index on (${table.key.join(', ')})`, 'Add one: a ref that meets two rows is refused.');
  if (length !== null && length < 24)
    return warn(`${table.value} takes ${length} characters`, 'Widen it, or bound the length of new secrets.');
  return { id: 'rights', verdict: 'ok', message: `${table.table}: ${table.value} can be read and changed` };
}
