// What doctor shows of one MySQL system: what it can be asked, which second passwords stand, and which other servers honour the same accounts.
import type { Capabilities, Check, Io } from '../../kit/kit.ts';
import { clockCheck, refusedLogin, tlsCheck } from '../../protocols/mysql/check.ts';
import type { Identity } from '../../protocols/mysql/pool.ts';
import type { Server } from '../../protocols/mysql/server.ts';
import type { ServerSettings } from '../../protocols/mysql/settings.ts';
import { readRules } from './rules.ts';

export function check(settings: ServerSettings, servers: readonly [Server, ...Server[]], io: Io): Capabilities['check'] {
  return {
    async *run() {
      const [primary, ...replicas] = servers;
      const { replica } = primary.endpoint;
      const identity = await primary.identity();
      if (identity.kind !== 'rows') {
        yield* refusedLogin(identity, settings.user, replica);
        return;
      }
      const { version, account } = identity.rows[0] as Identity;
      yield { id: 'reach', verdict: 'ok', message: `${replica} answers: MySQL ${version}` };
      yield await tlsCheck(primary);
      yield { id: 'auth', verdict: 'ok', message: `logged in as ${account}` };
      const wrong = wrongProduct(version);
      if (wrong !== undefined) {
        yield wrong;
        return;
      }
      yield* rightsChecks(primary);
      yield* policyChecks(primary);
      yield await clockCheck(primary, io);
      for (const each of replicas) yield await replicaCheck(each);
    },
  };
}

/** 8.0.14 brought second passwords, 8.0.22 performance_schema.processlist. */
export function wrongProduct(version: string): Check | undefined {
  if (/mariadb/i.test(version))
    return { id: 'product', verdict: 'fail', message: 'this server is MariaDB', next: 'Use connector: mariadb for it.' };
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number.parseFloat);
  if (major > 8 || (major === 8 && (minor > 0 || patch >= 22))) return undefined;
  return { id: 'product', verdict: 'fail', message: `MySQL ${version} is older than 8.0.22`, next: 'Upgrade to 8.0.22 or later.' };
}

async function* rightsChecks(server: Server): AsyncGenerator<Check> {
  const answer = await server.query<Record<string, string>>('SHOW GRANTS');
  const lines =
    answer.kind === 'rows' ? answer.rows.map((row) => Object.values(row)[0] ?? '').filter((line) => / ON \*\.\* TO /.test(line)) : [];
  const has = (...names: readonly string[]): boolean =>
    lines.some((line) => {
      const listed = line.replace(/^GRANT /, '').replace(/ ON \*\.\* TO .*$/, '');
      return listed === 'ALL PRIVILEGES' || listed.split(/,\s*/).some((each) => names.includes(each));
    });
  if (!has('CREATE USER'))
    yield { id: 'rights', verdict: 'fail', message: 'the Rekey account may not change others', next: 'GRANT CREATE USER ON *.* TO it.' };
  else yield { id: 'rights', verdict: 'ok', message: 'CREATE USER' };
  if (!has('PROCESS'))
    yield { id: 'rights', verdict: 'fail', message: 'sessions cannot be seen', next: 'GRANT PROCESS ON *.* TO the Rekey account.' };
  if (!has('CONNECTION_ADMIN', 'SUPER'))
    yield {
      id: 'rights',
      verdict: 'fail',
      message: 'sessions cannot be ended',
      next: 'GRANT CONNECTION_ADMIN ON *.* TO the Rekey account.',
    };
  if (!has('SYSTEM_USER'))
    yield {
      id: 'rights',
      verdict: 'warn',
      message: 'accounts with SYSTEM_USER cannot be reset and their sessions cannot be ended',
      next: 'GRANT SYSTEM_USER ON *.* TO the Rekey account, or leave those accounts out with config.exclude.',
    };
  for (const table of ['user', 'db', 'global_grants', 'role_edges']) {
    const readable = await server.query(`SELECT 1 FROM mysql.${table} LIMIT 0`);
    if (readable.kind !== 'rows')
      yield {
        id: 'rights',
        verdict: 'fail',
        message: `mysql.${table} cannot be read: no inventory, no state, no change`,
        next: `GRANT SELECT ON mysql.${table} TO the Rekey account.`,
      };
  }
}

async function* policyChecks(server: Server): AsyncGenerator<Check> {
  const rules = await readRules(server);
  if (rules.kind !== 'done') {
    yield {
      id: 'policy',
      verdict: 'warn',
      message: `the password rules cannot be read: ${rules.fault.message}`,
      next: 'Run the check again.',
    };
    return;
  }
  const { readOnly, minLength, history } = rules.value;
  if (readOnly)
    yield {
      id: 'replicas',
      verdict: 'fail',
      message: `${server.endpoint.replica} is read-only`,
      next: 'Point config.host at the server that takes changes, and list this one under config.replicas.',
    };
  yield {
    id: 'policy',
    verdict: 'ok',
    message: minLength > 0 ? 'validate_password is loaded; hashes pass it, and new values follow its rules' : 'no password check is loaded',
  };
  if (history > 0)
    yield { id: 'policy', verdict: 'ok', message: `the last ${history} passwords may not be used again: new values are new each time` };
}

async function replicaCheck(server: Server): Promise<Check> {
  const { replica } = server.endpoint;
  const identity = await server.identity();
  if (identity.kind === 'rows')
    return { id: 'replicas', verdict: 'ok', message: `${replica} lets Rekey in; its records are compared at each reset` };
  const code = identity.kind === 'failed' ? String(identity.errno) : identity.code;
  return {
    id: 'replicas',
    verdict: 'fail',
    message: `${replica} does not let Rekey in (${code})`,
    next: 'Start it, or take it out of config.replicas: what is not proved stays open.',
  };
}
