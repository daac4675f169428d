// What doctor shows of one PostgreSQL system. Reach, TLS, login and rights are told apart, and each says the next step.
import type { Capabilities, Check, Io } from '../../kit/kit.ts';
import { type Config, globPatterns } from './config.ts';
import type { ServerError } from './fault.ts';
import { readRules } from './policy.ts';
import { type RoleView, roleViewOf } from './role-view.ts';
import type { Server } from './server.ts';

export function check(settings: Config, servers: readonly [Server, ...Server[]], io: Io): Capabilities['check'] {
  return {
    async *run() {
      const [primary, ...standbys] = servers;
      const { replica } = primary.endpoint;
      const began = io.now();
      const first = await primary.query<Facts>(factsSql, [globPatterns(settings.include), globPatterns(settings.exclude)]);
      if (first.kind !== 'rows') {
        yield* refusedLogin(first.error, settings, replica);
        return;
      }
      const facts = first.rows[0] as Facts;
      yield { id: 'reach', verdict: 'ok', message: `${replica} answers: PostgreSQL ${facts.version}` };
      yield tlsCheck(facts, primary);
      yield { id: 'auth', verdict: 'ok', message: `logged in as ${settings.user}` };
      yield facts.standby
        ? {
            id: 'replicas',
            verdict: 'fail',
            message: `${replica} is a standby and takes no changes`,
            next: 'Point config.host at the primary and list this server under config.replicas.',
          }
        : { id: 'replicas', verdict: 'ok', message: `${replica} is the primary` };
      yield* rightsChecks(facts, await roleViewOf(primary));
      yield* policyChecks(primary);
      yield clockCheck(facts.now, began, io.now());
      for (const standby of standbys) yield await standbyCheck(primary, standby);
      yield* undeclared(facts, standbys.length);
    },
  };
}

type Facts = {
  readonly version: string;
  readonly number: number;
  readonly standby: boolean;
  readonly now: Date;
  readonly tls: string | null;
  readonly superuser: boolean;
  readonly createrole: boolean;
  readonly signal: boolean;
  readonly stats: boolean;
  readonly settings: boolean;
  readonly beyond: string[];
  readonly no_admin: string[];
  readonly followers: number;
};

/** `beyond`: roles in scope that only a superuser may change. `no_admin`: roles in scope without ADMIN OPTION (asked for from version 16). */
const factsSql = `
WITH scope AS (
  SELECT * FROM pg_roles r WHERE r.rolcanlogin AND r.rolname !~ '^pg_' AND r.rolname <> session_user
    AND (cardinality($1::text[]) = 0 OR r.rolname ~ ANY ($1)) AND NOT (cardinality($2::text[]) > 0 AND r.rolname ~ ANY ($2))
), me AS (SELECT * FROM pg_roles WHERE rolname = session_user)
SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
  pg_is_in_recovery() AS standby, clock_timestamp() AS now,
  (SELECT s.version FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid() AND s.ssl) AS tls,
  me.rolsuper AS superuser, me.rolcreaterole AS createrole,
  pg_has_role(me.oid, 'pg_signal_backend', 'USAGE') AS signal, pg_has_role(me.oid, 'pg_read_all_stats', 'USAGE') AS stats,
  pg_has_role(me.oid, 'pg_read_all_settings', 'USAGE') AS settings,
  ARRAY(SELECT rolname::text FROM scope WHERE rolsuper OR rolreplication ORDER BY 1 LIMIT 5) AS beyond,
  ARRAY(SELECT rolname::text FROM scope WHERE NOT EXISTS (
    SELECT FROM pg_auth_members m WHERE m.roleid = scope.oid AND m.admin_option AND pg_has_role(me.oid, m.member, 'USAGE')) ORDER BY 1 LIMIT 5) AS no_admin,
  (SELECT count(*)::int FROM pg_stat_replication WHERE application_name <> 'pg_basebackup') AS followers
FROM me`;

function* refusedLogin(error: ServerError, settings: Config, replica: string): Generator<Check> {
  const code = error.code ?? 'no-code';
  const reached: Check = { id: 'reach', verdict: 'ok', message: `${replica} answers` };
  if (error.severity !== undefined) {
    yield reached;
    yield {
      id: 'auth',
      verdict: 'fail',
      message: `${replica} refused the login of ${settings.user} (${code})`,
      next: loginNext[code] ?? 'Read the server log for the reason it gives.',
    };
  } else if (code === 'ENOTLS' || /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO/.test(code)) {
    yield reached;
    yield { id: 'tls', verdict: 'fail', message: `no verified TLS connection to ${replica} (${code})`, next: tlsNext(code) };
  } else if (code === 'ESASL') {
    yield reached;
    yield {
      id: 'auth',
      verdict: 'fail',
      message: 'the password exchange failed: the server could not show that it knows the password',
      next: 'Check that host and port are this server, and that no pooler stands between.',
    };
  } else {
    yield {
      id: 'reach',
      verdict: 'fail',
      message: `${replica} does not answer (${code})`,
      next: 'Check host, port, firewall, and listen_addresses of the server.',
    };
  }
}

const loginNext: Readonly<Record<string, string>> = {
  '28P01': 'Put the right password where config.password points.',
  '28000': 'Add a pg_hba.conf line for this role from this machine, or ALTER ROLE … LOGIN.',
  '3D000': 'The password is right; name an existing database in config.database.',
  '42501': 'The password is right; GRANT CONNECT ON DATABASE to the Rekey role.',
  '53300': 'The server has no connection left: raise max_connections or free some.',
  '57P03': 'The server is starting or stopping: try again in a moment.',
};

function tlsNext(code: string): string {
  if (code === 'ENOTLS') return 'Turn ssl on at the server.';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'Use the name in the certificate as host, or set tls.servername to it.';
  return "Give the server's CA as tls.ca.";
}

function tlsCheck(facts: Facts, primary: Server): Check {
  if (facts.tls !== null) return { id: 'tls', verdict: 'ok', message: `${facts.tls}, certificate verified` };
  if (primary.endpoint.host.startsWith('/') || primary.endpoint.tls === undefined)
    return { id: 'tls', verdict: 'ok', message: 'no TLS: this machine only, or allowed by the estate file' };
  return {
    id: 'tls',
    verdict: 'fail',
    message: 'the connection is not encrypted',
    next: 'Remove the pooler between, or turn TLS on there.',
  };
}

function* rightsChecks(facts: Facts, view: RoleView): Generator<Check> {
  const some = (names: readonly string[]): string => names.join(', ');
  if (facts.superuser) {
    yield {
      id: 'rights',
      verdict: 'warn',
      message: 'the Rekey role is a superuser: more than it needs',
      next: 'Use a role with CREATEROLE, pg_monitor and pg_signal_backend unless superusers are to be reset.',
    };
  } else if (!facts.createrole) {
    yield { id: 'rights', verdict: 'fail', message: 'the Rekey role may not change other roles', next: 'ALTER ROLE … CREATEROLE.' };
  } else if (facts.number >= 160_000 && facts.no_admin.length > 0) {
    yield {
      id: 'rights',
      verdict: 'warn',
      message: `no ADMIN OPTION on: ${some(facts.no_admin)}`,
      next: 'GRANT each of them TO the Rekey role WITH ADMIN OPTION, INHERIT FALSE, SET FALSE.',
    };
  } else {
    yield { id: 'rights', verdict: 'ok', message: 'CREATEROLE' };
  }
  if (!facts.superuser && facts.beyond.length > 0)
    yield {
      id: 'rights',
      verdict: 'warn',
      message: `only a superuser can reset: ${some(facts.beyond)}`,
      next: 'Leave them out with config.exclude, or reset them through a system of their own with a superuser.',
    };
  if (!facts.superuser && !facts.signal)
    yield { id: 'rights', verdict: 'fail', message: 'sessions cannot be ended', next: 'GRANT pg_signal_backend TO the Rekey role.' };
  if (!facts.superuser && !facts.stats)
    yield { id: 'rights', verdict: 'fail', message: 'sessions cannot be seen', next: 'GRANT pg_monitor TO the Rekey role.' };
  if (view === 'none')
    yield {
      id: 'rights',
      verdict: 'warn',
      message: "the server's own record of a role cannot be read: no marker, no time of change, blocked roles are not found",
      next: 'Create the view rekey.role_state of the README.',
    };
}

async function* policyChecks(primary: Server): AsyncGenerator<Check> {
  const read = await readRules(primary);
  if (read.kind !== 'done') {
    yield { id: 'policy', verdict: 'warn', message: `the password rules cannot be read: ${read.fault.message}` };
    return;
  }
  const { libraries, encryptedAllowed, maxFailures, logsOurs, passwordEncryption } = read.value;
  if (libraries === undefined) {
    yield {
      id: 'policy',
      verdict: 'warn',
      message: 'shared_preload_libraries cannot be read, so password checks are not known',
      next: 'GRANT pg_read_all_settings TO the Rekey role.',
    };
  } else if (encryptedAllowed === false) {
    yield { id: 'policy', verdict: 'fail', message: 'credcheck refuses verifiers', next: 'Set credcheck.encrypted_password_allowed = on.' };
  } else if (libraries.includes('passwordcheck') || libraries.includes('credcheck')) {
    yield { id: 'policy', verdict: 'ok', message: 'a password check is loaded; verifiers pass it, and new values follow its rules' };
  } else {
    yield { id: 'policy', verdict: 'ok', message: 'no password check is loaded' };
  }
  if (maxFailures > 0)
    yield { id: 'policy', verdict: 'ok', message: `credcheck bans a role after ${maxFailures} wrong passwords: probing keeps below it` };
  if (libraries?.includes('auth_delay') === true)
    yield { id: 'policy', verdict: 'ok', message: 'auth_delay makes each refused probe slow' };
  if (passwordEncryption !== 'scram-sha-256')
    yield {
      id: 'policy',
      verdict: 'warn',
      message: `password_encryption is ${passwordEncryption}: Rekey stores SCRAM-SHA-256, old drivers may not know it`,
      next: 'Check the drivers of the consumers, then set password_encryption = scram-sha-256.',
    };
  if (logsOurs)
    yield {
      id: 'policy',
      verdict: 'warn',
      message: 'the server logs our statements: verifiers, never secrets, appear in its log',
      next: 'From version 15: GRANT SET ON PARAMETER log_statement TO the Rekey role, which then keeps its statements out.',
    };
}

/** A second of skew is more than any query takes; sessions and changes are dated by the server alone. */
function clockCheck(server: Date, began: Date, ended: Date): Check {
  const skew = Math.max(began.getTime() - server.getTime(), server.getTime() - ended.getTime(), 0);
  if (skew <= 1_000) return { id: 'clock', verdict: 'ok', message: "the server's clock agrees with ours" };
  return {
    id: 'clock',
    verdict: 'warn',
    message: `the server's clock differs by ${Math.round(skew / 1000)} s`,
    next: 'Run a time service on both machines.',
  };
}

async function standbyCheck(primary: Server, standby: Server): Promise<Check> {
  const { replica } = standby.endpoint;
  const written = await primary.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
  if (written.kind !== 'rows')
    return {
      id: 'replicas',
      verdict: 'fail',
      message: `${replica}: the position of the primary cannot be read`,
      next: 'Point config.host at the primary.',
    };
  const answer = await standby.query<{ standby: boolean; behind: string | null; paused: boolean }>(
    `SELECT pg_is_in_recovery() AS standby, greatest(pg_wal_lsn_diff($1::pg_lsn, pg_last_wal_replay_lsn()), 0)::bigint::text AS behind,
       CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() ELSE false END AS paused`,
    [written.rows[0]?.lsn],
  );
  if (answer.kind !== 'rows')
    return {
      id: 'replicas',
      verdict: 'fail',
      message: `${replica} does not answer (${answer.error.code ?? 'no-code'})`,
      next: 'Start it, or take it out of config.replicas: what is not proved stays open.',
    };
  const [row] = answer.rows;
  if (row?.standby !== true)
    return {
      id: 'replicas',
      verdict: 'fail',
      message: `${replica} is not a standby`,
      next: 'It has roles of its own: make it a system of its own.',
    };
  if (row.paused)
    return {
      id: 'replicas',
      verdict: 'warn',
      message: `${replica}: replay is paused, it honours old passwords`,
      next: 'SELECT pg_wal_replay_resume() on it.',
    };
  if (Number(row.behind ?? 0) > 16 * 1024 * 1024)
    return {
      id: 'replicas',
      verdict: 'warn',
      message: `${replica} is ${row.behind} bytes behind`,
      next: 'Old passwords stay valid there until it has caught up.',
    };
  return { id: 'replicas', verdict: 'ok', message: `${replica} follows the primary` };
}

function* undeclared(facts: Facts, declared: number): Generator<Check> {
  if (facts.followers > declared)
    yield {
      id: 'replicas',
      verdict: 'warn',
      message: `${facts.followers} servers follow the primary, ${declared} are in the estate file`,
      next: 'List each that takes logins under config.replicas: it is not proved otherwise.',
    };
}
