// One server as Rekey's own account sees it: few connections, every statement bounded in time, and no doubt about how each ended.
import type { Connection } from 'mysql2';
import type { Io, Secret } from '../../kit/kit.ts';
import { literal, type Name } from './account-name.ts';
import type { Answer } from './fault.ts';
import { type Driver, deadline, failureOf, logIn } from './login.ts';
import { Marks } from './marks.ts';
import type { Endpoint, ServerSettings } from './settings.ts';

/** What differs between the two products where both speak of one thing. */
export type Dialect = {
  /** Ends a statement that takes longer; a server that does not know it is asked without. */
  readonly limit: (seconds: number) => string;
  /** Keeps our statements, which hold hashes, out of the server's logs, where the account may. */
  readonly hush: readonly string[];
  /** A table of sessions with the columns of PROCESSLIST, and of status with VARIABLE_NAME and VARIABLE_VALUE. */
  readonly sessions: string;
  readonly status: string;
  /** A table of accounts, roles left out, with User and Host. */
  readonly accounts: string;
  readonly kill: (id: number) => string;
};

/** Who the server takes us for: `account` is the row of the account, `from` the host it sees us come from. */
export type Identity = { readonly version: string; readonly account: string; readonly from: string };

type Held = { readonly connection: Connection; readonly identity: Identity; idleSince: number; dead: boolean };
type Failed = Exclude<Answer<never>, { kind: 'rows' }>;

const idleMs = 30_000;
/** A second look shortly after the last write dates whoever connects right after it. */
const secondLookMs = 200;

export class Server {
  readonly endpoint: Endpoint;
  readonly driver: Driver;
  readonly dialect: Dialect;
  readonly marks = new Marks();
  /** Connection numbers of probes of this process that are logging in or out right now. */
  readonly probing = new Set<number>();
  readonly #settings: ServerSettings;
  readonly #io: Io;
  readonly #own: () => Promise<Secret>;
  readonly #idle: Held[] = [];
  readonly #ids = new Set<number>();
  readonly #waiting: (() => void)[] = [];
  #open = 0;
  #ended = false;
  #lookedAt = 0;
  #secondLook: NodeJS.Timeout | undefined;

  constructor(driver: Driver, settings: ServerSettings, endpoint: Endpoint, dialect: Dialect, io: Io, own: () => Promise<Secret>) {
    this.driver = driver;
    this.endpoint = endpoint;
    this.dialect = dialect;
    this.#settings = settings;
    this.#io = io;
    this.#own = own;
  }

  /** Connection numbers of our own statements. */
  ids(): number[] {
    return [...this.#ids, ...this.probing];
  }

  /** For what may be asked twice. A kept connection may have died unnoticed (restart, wait_timeout): then a second one is asked. */
  async query<Row>(text: string): Promise<Answer<Row>> {
    const answer = await this.once<Row>(text);
    if (answer.kind !== 'lost' || !diedCodes.includes(answer.code)) return answer;
    // What ended one connection has often ended them all.
    for (const held of this.#idle.splice(0)) this.#close(held);
    return this.once<Row>(text);
  }

  /** For changes: sent once, whatever happens. */
  async once<Row>(text: string): Promise<Answer<Row>> {
    return this.#with((held, until) => this.#ask<Row>(held, text, until));
  }

  async identity(): Promise<Answer<Identity>> {
    return this.#with(async ({ identity }) => ({ kind: 'rows', rows: [identity] }));
  }

  /** The accounts a login as this user could be taken for. */
  async named(user: string): Promise<Answer<Name>> {
    return this.query<Name>(`SELECT User AS user, Host AS host FROM ${this.dialect.accounts} WHERE User IN ('', ${literal(user)})`);
  }

  /** Remembers which connection numbers exist now. Called after every write, so that sessions opened later are told from those before. */
  lookSoon(): void {
    if (performance.now() - this.#lookedAt > secondLookMs) {
      this.#lookedAt = performance.now();
      void this.#look();
    }
    this.#secondLook ??= setTimeout(() => {
      this.#secondLook = undefined;
      this.#lookedAt = performance.now();
      void this.#look();
    }, secondLookMs);
    this.#secondLook.unref();
  }

  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#secondLook);
    for (const held of this.#idle.splice(0)) this.#close(held);
  }

  async #look(): Promise<void> {
    if (this.#ended) return;
    const answer = await this.query<{ now: string; top: string | null }>(
      `SELECT UNIX_TIMESTAMP(NOW(6)) AS now, MAX(ID) AS top FROM ${this.dialect.sessions}`,
    );
    const row = answer.kind === 'rows' ? answer.rows[0] : undefined;
    if (row !== undefined && row.top !== null) this.marks.note(dateOf(row.now), Number(row.top));
  }

  async #with<Row>(work: (held: Held, until: number) => Promise<Answer<Row>>): Promise<Answer<Row>> {
    const until = performance.now() + this.#io.timeoutMs;
    if (this.#io.signal.aborted) return { kind: 'unsent', code: 'ABORTED' };
    const held = await this.#take(until);
    if ('kind' in held) return held;
    const answer = await work(held, until);
    // After a lost answer it may still arrive: such a connection is never used again.
    if (answer.kind === 'lost' || held.dead || this.#ended || fatal(answer)) this.#close(held);
    else {
      held.idleSince = performance.now();
      this.#idle.push(held);
    }
    this.#waiting.shift()?.();
    return answer;
  }

  async #take(until: number): Promise<Held | Failed> {
    for (;;) {
      const held = this.#idle.pop();
      if (held !== undefined) {
        if (!held.dead && performance.now() - held.idleSince < idleMs) return held;
        this.#close(held);
        continue;
      }
      if (this.#open < this.#settings.connections) return this.#connect(until);
      const { promise, stop } = deadline(this.#io, until - performance.now());
      let free = (): void => {};
      const freed = new Promise<undefined>((resolve) => {
        free = () => resolve(undefined);
        this.#waiting.push(free);
      });
      const ended = await Promise.race([freed, promise]);
      stop();
      if (ended !== undefined) {
        const at = this.#waiting.indexOf(free);
        if (at >= 0) this.#waiting.splice(at, 1);
        else this.#waiting.shift()?.();
        return { kind: 'unsent', code: ended === 'ABORTED' ? 'ABORTED' : 'EPOOL' };
      }
    }
  }

  async #connect(until: number): Promise<Held | Failed> {
    this.#open++;
    const failed = (answer: Failed): Failed => {
      this.#open--;
      this.#waiting.shift()?.();
      return answer;
    };
    let secret: Secret;
    try {
      secret = await this.#own();
    } catch {
      return failed({ kind: 'unsent', code: 'EOWNSECRET' });
    }
    const io = { timeoutMs: Math.max(1, until - performance.now()), signal: this.#io.signal };
    const answer = await logIn(this.driver, this.endpoint, { user: this.#settings.user, secret, program: 'rekey' }, io);
    if (answer.kind === 'failed') return failed({ kind: 'unsent', errno: answer.errno, code: String(answer.errno) });
    if (answer.kind === 'lost') return failed({ kind: 'unsent', code: answer.code });
    const { connection } = answer;
    const ready = await this.#prepare(connection, until);
    if ('kind' in ready) {
      connection.destroy();
      return failed(ready);
    }
    this.#ids.add(connection.threadId);
    const held: Held = { connection, identity: ready, idleSince: performance.now(), dead: false };
    const died = (): void => {
      held.dead = true;
    };
    connection.on('end', died).on('error', died);
    return held;
  }

  /** sql_mode: literals are read as they were written. time_zone: dates are those of UTC. A lock that is not to be had ends with an answer that says so, before
   * the time of a statement is over and before ours is. */
  async #prepare(connection: Connection, until: number): Promise<Identity | Failed> {
    const held = { connection };
    const unsent = (answer: Failed): Failed => ({
      kind: 'unsent',
      code: answer.kind === 'failed' ? String(answer.errno) : answer.code,
      ...(answer.kind === 'failed' ? { errno: answer.errno } : {}),
    });
    const seconds = Math.max(1, Math.floor((this.#io.timeoutMs * 0.6) / 1000));
    const set = await this.#ask(
      held,
      `SET SESSION sql_mode='', time_zone='+00:00', lock_wait_timeout=${seconds}, group_concat_max_len=1048576`,
      until,
    );
    if (set.kind !== 'rows') return unsent(set);
    for (const optional of [this.dialect.limit(this.#io.timeoutMs * 0.0009), ...this.dialect.hush]) {
      const done = await this.#ask(held, optional, until);
      if (done.kind === 'lost') return unsent(done);
    }
    const who = await this.#ask<Identity>(
      held,
      "SELECT VERSION() AS version, CURRENT_USER() AS account, SUBSTRING_INDEX(USER(), '@', -1) AS `from`",
      until,
    );
    if (who.kind !== 'rows') return unsent(who);
    return who.rows[0] ?? { kind: 'unsent', code: 'EPROTO' };
  }

  async #ask<Row>({ connection }: Pick<Held, 'connection'>, text: string, until: number): Promise<Answer<Row>> {
    const { promise, stop } = deadline(this.#io, until - performance.now());
    const asked = new Promise<Answer<Row>>((resolve) => {
      connection.query(text, (error: unknown, rows: unknown) => {
        if (error === null || error === undefined) {
          resolve({ kind: 'rows', rows: (Array.isArray(rows) ? rows : []) as Row[] });
          return;
        }
        const failure = failureOf(error);
        const said = (error as { message?: unknown }).message;
        resolve(failure.kind === 'failed' ? { ...failure, text: typeof said === 'string' ? said : '' } : failure);
      });
    });
    const answer = await Promise.race([asked, promise.then((code): Answer<Row> => ({ kind: 'lost', code }))]);
    stop();
    return answer;
  }

  #close({ connection }: Held): void {
    this.#open--;
    this.#ids.delete(connection.threadId);
    connection.destroy();
  }
}

/** Not the time-outs: a server that is slow is not asked again. */
const diedCodes: readonly string[] = ['ECONNRESET', 'EPIPE', 'PROTOCOL_CONNECTION_LOST', 'EPROTO'];

/** Killed, shutting down, idle for too long: the connection is over, whatever the statement became. */
function fatal(answer: Answer<unknown>): boolean {
  return answer.kind === 'failed' && [1053, 1927, 3169, 4031].includes(answer.errno);
}

/** Seconds with a fraction, as UNIX_TIMESTAMP(NOW(6)) writes them. */
export function dateOf(unix: string | number): Date {
  return new Date(Math.floor(Number(unix) * 1000));
}
