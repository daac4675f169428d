// Rekey's own connections to one server: few, each prepared once, each statement bounded in time, and none used again after a lost answer.
import type { Connection } from 'mysql2';
import type { Io, Secret } from '../../kit/kit.ts';
import type { Answer } from './fault.ts';
import { type Driver, deadline, failureOf, logIn } from './login.ts';
import type { Endpoint, ServerSettings } from './settings.ts';

/** Who the server takes us for: `account` is the row of the account, `from` the host it sees us come from. */
export type Identity = { readonly version: string; readonly account: string; readonly from: string };

type Held = { readonly connection: Connection; readonly identity: Identity; idleSince: number; dead: boolean };
type Failed = Exclude<Answer<never>, { kind: 'rows' }>;
type Ask = <Row>(text: string) => Promise<Answer<Row>>;

const idleMs = 30_000;

export type PoolOptions = {
  readonly driver: Driver;
  readonly settings: Pick<ServerSettings, 'user' | 'connections'>;
  readonly endpoint: Endpoint;
  readonly io: Io;
  /** What Rekey logs in with. Asked again for each new connection, so a rotated file or variable is picked up. */
  readonly own: () => Promise<Secret>;
  /** Statements for each new connection that may fail. */
  readonly optional: readonly string[];
};

export class Pool {
  readonly #options: PoolOptions;
  readonly #idle: Held[] = [];
  readonly #ids = new Set<number>();
  readonly #waiting: (() => void)[] = [];
  #open = 0;
  #ended = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Connection numbers. */
  ids(): readonly number[] {
    return [...this.#ids];
  }
  dropIdle(): void {
    for (const held of this.#idle.splice(0)) this.#close(held);
  }
  end(): void {
    this.#ended = true;
    this.dropIdle();
  }

  async run<Row>(work: (ask: Ask, identity: Identity) => Promise<Answer<Row>>): Promise<Answer<Row>> {
    const until = performance.now() + this.#options.io.timeoutMs;
    if (this.#options.io.signal.aborted) return { kind: 'unsent', code: 'ABORTED' };
    const held = await this.#take(until);
    if ('kind' in held) return held;
    const answer = await work((text) => this.#ask(held, text, until), held.identity);
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
      if (this.#open < this.#options.settings.connections) return this.#connect(until);
      const { promise, stop } = deadline(this.#options.io, until - performance.now());
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
      secret = await this.#options.own();
    } catch {
      return failed({ kind: 'unsent', code: 'EOWNSECRET' });
    }
    const io = { timeoutMs: Math.max(1, until - performance.now()), signal: this.#options.io.signal };
    const answer = await logIn(
      this.#options.driver,
      this.#options.endpoint,
      { user: this.#options.settings.user, secret, program: 'rekey' },
      io,
    );
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
    const seconds = Math.max(1, Math.floor((this.#options.io.timeoutMs * 0.6) / 1000));
    const set = await this.#ask(
      held,
      `SET SESSION sql_mode='', time_zone='+00:00', lock_wait_timeout=${seconds}, group_concat_max_len=1048576`,
      until,
    );
    if (set.kind !== 'rows') return unsent(set);
    for (const optional of this.#options.optional) {
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
    const { promise, stop } = deadline(this.#options.io, until - performance.now());
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

/** Killed, shutting down, idle for too long: the connection is over, whatever the statement became. */
function fatal(answer: Answer<unknown>): boolean {
  return answer.kind === 'failed' && [1053, 1927, 3169, 4031].includes(answer.errno);
}
