// One PostgreSQL server as Rekey's own role sees it: few connections, every statement bounded in time, and no doubt about how each ended.
import type { Pool, PoolClient } from 'pg';
import type { Io, Secret } from '../../kit/kit.ts';
import type { Config, Endpoint } from './config.ts';
import type { Answer, ServerError } from './fault.ts';
import { adminName, clientConfig, codeOf } from './login.ts';

/** What Rekey logs in with. Asked again for each new connection, so a rotated file or variable is picked up. */
export type OwnSecret = () => Promise<Secret>;

export class Server {
  readonly endpoint: Endpoint;
  readonly #io: Io;
  readonly #pool: Pool;
  readonly #pids = new Set<number>();
  readonly #quiet = new WeakSet<PoolClient>();

  constructor(driver: typeof import('pg'), settings: Config, endpoint: Endpoint, io: Io, own: OwnSecret) {
    this.endpoint = endpoint;
    this.#io = io;
    this.#pool = new driver.Pool({
      ...clientConfig(endpoint, settings.database, settings.user, io.timeoutMs, adminName),
      password: async () => (await own()).text((text) => text),
      max: settings.connections,
      idleTimeoutMillis: 30_000,
      allowExitOnIdle: true,
    });
    // An idle connection that dies is replaced at the next use; without a listener it would end the process.
    this.#pool.on('error', () => {});
    this.#pool.on('connect', (client) => {
      client.on('error', () => {});
      this.#pids.add(pidOf(client));
    });
    this.#pool.on('remove', (client) => this.#pids.delete(pidOf(client)));
  }

  /** Backend pids of our own statements' connections. */
  pids(): number[] {
    return [...this.#pids];
  }

  /** For what may be asked twice. A pooled connection may have died unnoticed (restart, idle time-out): then a second one is asked. */
  async query<Row = Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<Answer<Row>> {
    const answer = await this.once<Row>(text, values);
    return answer.kind !== 'rows' && diedCodes.includes(answer.error.code ?? '') ? this.once<Row>(text, values) : answer;
  }

  /** For changes: sent once, whatever happens. */
  async once<Row = Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<Answer<Row>> {
    const deadline = performance.now() + this.#io.timeoutMs;
    if (this.#io.signal.aborted) return { kind: 'unsent', error: { code: 'ABORTED', message: 'stopped' } };
    let client: PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      return { kind: 'unsent', error: plain(error) };
    }
    const hushed = await this.#hush(client, deadline);
    if (hushed !== undefined) {
      client.release(true);
      return { kind: 'unsent', error: hushed };
    }
    const answer = await this.#ask<Row>(client, text, values, deadline);
    // After a timeout the answer may still arrive: a connection in that state is never used again.
    client.release(answer.kind === 'lost' || (answer.kind === 'failed' && answer.error.severity !== 'ERROR'));
    return answer;
  }

  async end(): Promise<void> {
    // The driver takes a second end for a mistake.
    if (!this.#pool.ending) await this.#pool.end();
  }

  async #ask<Row>(client: PoolClient, text: string, values: readonly unknown[], deadline: number): Promise<Answer<Row>> {
    let stop = (): void => {};
    const gaveUp = new Promise<Answer<Row>>((resolve) => {
      const lost = (code: string) => () => resolve({ kind: 'lost', error: { code, message: 'no answer' } });
      const timer = setTimeout(lost('ETIMEDOUT'), Math.max(1, deadline - performance.now()));
      const aborted = lost('ABORTED');
      this.#io.signal.addEventListener('abort', aborted, { once: true });
      stop = () => {
        clearTimeout(timer);
        this.#io.signal.removeEventListener('abort', aborted);
      };
    });
    const asked = (values.length === 0 ? client.query(text) : client.query(text, [...values])).then(
      (result): Answer<Row> => ({ kind: 'rows', rows: lastRows(result) as Row[] }),
      (error: unknown): Answer<Row> => ({ kind: isAnswer(error) ? 'failed' : 'lost', error: plain(error) }),
    );
    const answer = await Promise.race([asked, gaveUp]);
    stop();
    return answer;
  }

  /** Where the role may, its statements are kept out of the server's log: they hold verifiers. Once per connection. */
  async #hush(client: PoolClient, deadline: number): Promise<ServerError | undefined> {
    if (this.#quiet.has(client)) return undefined;
    const version = await this.#ask<{ v: number }>(client, "SELECT current_setting('server_version_num')::int AS v", [], deadline);
    if (version.kind !== 'rows') return version.error;
    const hushed = await this.#ask(client, hushing(version.rows[0]?.v ?? 0), [], deadline);
    if (hushed.kind === 'lost') return hushed.error;
    this.#quiet.add(client);
    return undefined;
  }
}

/** Not the time-outs: a server that is slow is not asked again. */
const diedCodes: readonly string[] = ['ECONNRESET', 'EPIPE', '57P01', '57P02'];

const logSettings = [
  ['log_statement', 'none'],
  ['log_min_error_statement', 'panic'],
  ['log_min_duration_statement', '-1'],
  ['log_min_duration_sample', '-1'],
  ['log_transaction_sample_rate', '0'],
  ['pg_stat_statements.track_utility', 'off'],
] as const;

function hushing(version: number): string {
  const list = logSettings.map(([name, value]) => `('${name}','${value}')`).join(',');
  // 15 lets a superuser grant SET on a parameter; before it only superusers may.
  const may = version >= 150_000 ? `has_parameter_privilege(name, 'SET')` : '(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)';
  return `SELECT set_config(name, value, false) FROM (VALUES ${list}) AS wanted(name, value)
    WHERE CASE WHEN current_setting(name, true) IS NULL THEN false ELSE ${may} END`;
}

/** Of several statements sent as one, the driver gives a list; the last one's rows count. */
function lastRows(result: unknown): unknown[] {
  const last = Array.isArray(result) ? result.at(-1) : result;
  return (last as { rows?: unknown[] }).rows ?? [];
}

/** An error the server itself sent; the driver's and the socket's have no severity. */
function isAnswer(error: unknown): boolean {
  return typeof (error as { severity?: unknown }).severity === 'string';
}

function plain(error: unknown): ServerError {
  const { severity, routine, message } = error as { severity?: unknown; routine?: unknown; message?: unknown };
  return {
    code: codeOf(error),
    message: typeof message === 'string' ? message : '',
    ...(typeof severity === 'string' ? { severity } : {}),
    ...(typeof routine === 'string' ? { routine } : {}),
  };
}

/** The driver keeps the backend's pid without declaring it. */
function pidOf(client: object): number {
  return (client as { processID?: number }).processID ?? 0;
}
