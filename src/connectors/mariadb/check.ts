// What doctor shows of one MariaDB system: what it can be asked, what it will refuse, and which other servers honour the same accounts.
import type { Capabilities, Check, Io } from '../../kit/kit.ts';
import { clockCheck, refusedLogin, tlsCheck } from '../../protocols/mysql/check.ts';
import type { Identity } from '../../protocols/mysql/pool.ts';
import type { Server } from '../../protocols/mysql/server.ts';
import type { ServerSettings } from '../../protocols/mysql/settings.ts';
import { scoped } from './inventory.ts';
import { isEmpty, type RecordRow, recordColumns, recordOf, takesPassword } from './record.ts';
import { replicaCheck, undeclared } from './replica-check.ts';
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
      yield { id: 'reach', verdict: 'ok', message: `${replica} answers: ${version}` };
      yield await tlsCheck(primary);
      yield { id: 'auth', verdict: 'ok', message: `logged in as ${account}` };
      if (!isMariaDb(version)) {
        yield { id: 'product', verdict: 'fail', message: 'this server is not MariaDB', next: 'Use connector: mysql for it.' };
        return;
      }
      if (!atLeast(version, 10, 4)) {
        yield {
          id: 'product',
          verdict: 'fail',
          message: 'before 10.4 an account has one method of login and no record in mysql.global_priv',
          next: 'Upgrade to 10.4 or later.',
        };
        return;
      }
      yield* rightsChecks(primary, version);
      yield* accountChecks(primary, settings);
      yield* policyChecks(primary);
      yield await clockCheck(primary, io);
      for (const each of replicas) yield await replicaCheck(each);
      yield* undeclared(primary, replicas.length);
    },
  };
}

const isMariaDb = (version: string): boolean => /mariadb/i.test(version);

function atLeast(version: string, major: number, minor: number): boolean {
  const [have = 0, then = 0] = version
    .replace(/^5\.5\.5-/, '')
    .split('.')
    .map(Number.parseFloat);
  return have > major || (have === major && then >= minor);
}

async function* rightsChecks(server: Server, version: string): AsyncGenerator<Check> {
  const answer = await server.query<Record<string, string>>('SHOW GRANTS');
  const grants = answer.kind === 'rows' ? answer.rows.map((row) => Object.values(row)[0] ?? '') : [];
  const global = grants.filter((line) => / ON \*\.\* TO /.test(line)).join(', ');
  const has = (...names: readonly string[]): boolean =>
    names.some((name) => new RegExp(`\\b${name}\\b`).test(global.replace(/ ON .*/, '')));
  const all = /^GRANT ALL PRIVILEGES/.test(global);
  if (all || has('SUPER'))
    yield {
      id: 'rights',
      verdict: 'warn',
      message: 'the Rekey account may do more than it needs',
      next: 'Give it the rights of the README instead: CREATE USER, PROCESS, CONNECTION ADMIN and three tables to read.',
    };
  if (!all && !has('CREATE USER'))
    yield { id: 'rights', verdict: 'fail', message: 'the Rekey account may not change others', next: 'GRANT CREATE USER ON *.* TO it.' };
  else yield { id: 'rights', verdict: 'ok', message: 'CREATE USER' };
  if (!all && !has('PROCESS'))
    yield { id: 'rights', verdict: 'fail', message: 'sessions cannot be seen', next: 'GRANT PROCESS ON *.* TO the Rekey account.' };
  if (!all && !has('SUPER', atLeast(version, 10, 5) ? 'CONNECTION ADMIN' : 'SUPER'))
    yield {
      id: 'rights',
      verdict: 'fail',
      message: 'sessions cannot be ended',
      next: 'GRANT CONNECTION ADMIN ON *.* TO the Rekey account.',
    };
  for (const table of ['global_priv', 'db', 'roles_mapping']) {
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

async function* accountChecks(server: Server, settings: ServerSettings): AsyncGenerator<Check> {
  const answer = await server.query<RecordRow>(
    `SELECT ${recordColumns} FROM mysql.global_priv p WHERE IFNULL(JSON_VALUE(p.Priv, '$.is_role'), 0) = 0 ${scoped(settings)} ORDER BY p.User LIMIT 10000`,
  );
  if (answer.kind !== 'rows') return;
  const records = answer.rows.map(recordOf).filter(({ locked }) => !locked);
  const named = (which: typeof records): string =>
    `${which
      .slice(0, 5)
      .map(({ name }) => `'${name.user}'@'${name.host}'`)
      .join(', ')}${which.length > 5 ? ` and ${which.length - 5} more` : ''}`;
  const anonymous = records.filter(({ name }) => name.user === '');
  if (anonymous.length > 0)
    yield {
      id: 'accounts',
      verdict: 'warn',
      message: `anonymous accounts take logins meant for others: ${named(anonymous)}`,
      next: 'DROP USER them: a named account with a wider host is never reached from their hosts.',
    };
  const empty = records.filter(({ methods }) => methods.some(isEmpty));
  if (empty.length > 0)
    yield { id: 'accounts', verdict: 'warn', message: `no password is asked for: ${named(empty)}`, next: 'Reset them, or lock them.' };
  const several = records.filter(({ methods }) => methods.filter(takesPassword).length > 1);
  if (several.length > 0)
    yield {
      id: 'accounts',
      verdict: 'warn',
      message: `more than one password is accepted: ${named(several)}`,
      next: 'A reset leaves one, of the plugin that is tried first: check that their clients know it.',
    };
}

async function* policyChecks(server: Server): AsyncGenerator<Check> {
  const read = await readRules(server);
  if (read.kind !== 'done') {
    yield {
      id: 'policy',
      verdict: 'warn',
      message: `the password rules cannot be read: ${read.fault.message}`,
      next: 'Run the check again.',
    };
    return;
  }
  const { strict, readOnly, minLength, cracklib, reuseCheck, maxErrors } = read.value;
  if (readOnly)
    yield {
      id: 'replicas',
      verdict: 'fail',
      message: `${server.endpoint.replica} is read-only`,
      next: 'Point config.host at the server that takes changes, and list this one under config.replicas.',
    };
  if (strict)
    yield {
      id: 'policy',
      verdict: 'fail',
      message: 'strict_password_validation is on beside a password check: the server takes no hashes',
      next: 'SET GLOBAL strict_password_validation = OFF for the run: Rekey keeps the rules itself.',
    };
  else if (minLength > 0 || cracklib || reuseCheck)
    yield { id: 'policy', verdict: 'ok', message: 'a password check is loaded; hashes pass it, and new values follow its rules' };
  else yield { id: 'policy', verdict: 'ok', message: 'no password check is loaded' };
  if (maxErrors > 0)
    yield {
      id: 'policy',
      verdict: maxErrors <= 3 ? 'warn' : 'ok',
      message: `an account is blocked after ${maxErrors} wrong passwords (max_password_errors), and how many there were cannot be read`,
      next: 'Raise max_password_errors for the run, so that old passwords may be tried.',
    };
}
