// One login with one secret on one server: its own connection, ended at once, bounded in time. Nothing but this secret, for this account, can make it succeed.
import { type Capabilities, done, type Io, type Outcome, type Probed, type Secret } from '../../kit/kit.ts';
import { idOf, type Name, nameOf } from './account-name.ts';
import { outcomeOf } from './fault.ts';
import { type Driver, deadline, failureOf, type LoginAnswer, logIn } from './login.ts';
import { matchOf } from './match-host.ts';
import type { Server } from './server.ts';
import type { Endpoint } from './settings.ts';
import { verdictOf } from './verdict.ts';

const loginPath = 'login';

/** Says more about a refusal than its number does, from the account's record. */
export type Refine = (server: Server, name: Name, probed: Probed) => Promise<Probed>;

export function probe(
  servers: readonly Server[],
  io: Io,
  refine: Refine = async (_server, _name, probed) => probed,
): Capabilities['probe'] {
  return {
    async paths() {
      return servers.map(({ endpoint }) => ({ path: loginPath, replica: endpoint.replica }));
    },
    async attempt(account, secret, where) {
      const server = servers.find(({ endpoint }) => endpoint.replica === where.replica);
      const name = nameOf(account.id);
      if (server === undefined || name === undefined || where.path !== loginPath) return { verdict: 'indeterminate', code: 'no-such-path' };
      if (secret.use((bytes) => bytes.length === 0)) return { verdict: 'indeterminate', code: 'empty-secret' };
      // A login that the server would take for another account proves nothing about this one, and a refused one would count against the other.
      const reached = await reachable(server, name);
      if (reached.kind !== 'done') return { verdict: 'indeterminate', code: reached.fault.target ?? reached.fault.code };
      if (!reached.value) return { verdict: 'indeterminate', code: 'other-account' };
      const answer = await logIn(server.driver, server.endpoint, { user: name.user, secret, program: 'rekey-probe' }, io);
      return refine(server, name, await judged(answer, io, server, (taken) => taken === idOf(name)));
    },
  };
}

/** For a way to log in to accounts that another system holds: any named account of this server will do. */
export async function attemptLogin(
  driver: Driver,
  endpoint: Endpoint,
  login: { readonly user: string; readonly secret: Secret; readonly clear: boolean; readonly database?: string },
  io: Pick<Io, 'timeoutMs' | 'signal'>,
): Promise<Probed> {
  const answer = await logIn(driver, endpoint, { ...login, program: 'rekey-probe' }, io);
  return judged(answer, io, undefined, (taken) => !taken.startsWith('@'));
}

async function reachable(server: Server, name: Name): Promise<Outcome<boolean>> {
  const identity = await server.identity();
  if (identity.kind !== 'rows') return outcomeOf(identity);
  const named = await server.named(name.user);
  if (named.kind !== 'rows') return outcomeOf(named);
  return done(matchOf(name, named.rows, identity.rows[0]?.from ?? '') !== 'other');
}

async function judged(
  answer: LoginAnswer,
  io: Pick<Io, 'timeoutMs' | 'signal'>,
  server: Server | undefined,
  isOurs: (taken: string) => boolean,
): Promise<Probed> {
  if (answer.kind === 'lost') return { verdict: 'indeterminate', code: answer.code };
  if (answer.kind === 'failed') return { verdict: verdictOf(answer.errno), code: String(answer.errno) };
  const { connection } = answer;
  server?.probing.add(connection.threadId);
  const { promise, stop } = deadline(io);
  // Which account it was: @@proxy_user is set where one account stands in for another. An expired password shows itself here at the latest.
  const taken = new Promise<Probed>((resolve) => {
    connection.query('SELECT COALESCE(@@proxy_user, CURRENT_USER()) AS taken', (error: unknown, rows: unknown) => {
      if (error !== null && error !== undefined) {
        const failure = failureOf(error);
        if (failure.kind === 'lost') resolve({ verdict: 'indeterminate', code: failure.code });
        else resolve({ verdict: verdictOf(failure.errno), code: String(failure.errno) });
        return;
      }
      const [row] = rows as { taken?: unknown }[];
      const name = unquoted(typeof row?.taken === 'string' ? row.taken : '');
      resolve(isOurs(name) ? { verdict: 'accepted', code: '0' } : { verdict: 'indeterminate', code: 'other-account' });
    });
  });
  const probed = await Promise.race([taken, promise.then((code): Probed => ({ verdict: 'indeterminate', code }))]);
  stop();
  connection.destroy();
  server?.probing.delete(connection.threadId);
  return probed;
}

/** @@proxy_user has quotes around both parts, CURRENT_USER() has none. */
function unquoted(account: string): string {
  const found = account.match(/^'([\s\S]*)'@'([^']*)'$/);
  return found === null ? account : `${found[1]}@${found[2]}`;
}
