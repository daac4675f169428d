// One server as Rekey's own account sees it: what may be asked twice, what is sent once, and which connections existed at which moment.
import type { Io, Secret } from '../../kit/kit.ts';
import { literal, type Name } from './account-name.ts';
import type { Answer } from './fault.ts';
import type { Driver } from './login.ts';
import { Marks } from './marks.ts';
import { type Identity, Pool } from './pool.ts';
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

/** A second look shortly after the last write dates whoever connects right after it. */
const secondLookMs = 200;

export class Server {
  readonly endpoint: Endpoint;
  readonly driver: Driver;
  readonly dialect: Dialect;
  readonly marks = new Marks();
  /** Connection numbers of probes of this process that are logging in or out right now. */
  readonly probing = new Set<number>();
  readonly #pool: Pool;
  #ended = false;
  #lookedAt = 0;
  #secondLook: NodeJS.Timeout | undefined;

  constructor(driver: Driver, settings: ServerSettings, endpoint: Endpoint, dialect: Dialect, io: Io, own: () => Promise<Secret>) {
    this.driver = driver;
    this.endpoint = endpoint;
    this.dialect = dialect;
    // The server gives up before we do, so that a slow statement ends with an answer.
    const optional = [dialect.limit(io.timeoutMs * 0.0009), ...dialect.hush];
    this.#pool = new Pool({ driver, settings, endpoint, io, own, optional });
  }

  /** Connection numbers of our own statements. */
  ids(): number[] {
    return [...this.#pool.ids(), ...this.probing];
  }

  /** For what may be asked twice. A kept connection may have died unnoticed (restart, wait_timeout): then a second one is asked. */
  async query<Row>(text: string): Promise<Answer<Row>> {
    const answer = await this.once<Row>(text);
    if (answer.kind !== 'lost' || !diedCodes.includes(answer.code)) return answer;
    // What ended one connection has often ended them all.
    this.#pool.dropIdle();
    return this.once<Row>(text);
  }

  /** For changes: sent once, whatever happens. */
  async once<Row>(text: string): Promise<Answer<Row>> {
    return this.#pool.run((ask) => ask<Row>(text));
  }

  async identity(): Promise<Answer<Identity>> {
    return this.#pool.run(async (_ask, identity) => ({ kind: 'rows', rows: [identity] }));
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
    this.#pool.end();
  }

  async #look(): Promise<void> {
    if (this.#ended) return;
    const answer = await this.query<{ now: string; top: string | null }>(
      `SELECT UNIX_TIMESTAMP(NOW(6)) AS now, MAX(ID) AS top FROM ${this.dialect.sessions}`,
    );
    const row = answer.kind === 'rows' ? answer.rows[0] : undefined;
    if (row !== undefined && row.top !== null) this.marks.note(dateOf(row.now), Number(row.top));
  }
}

/** Not the time-outs: a server that is slow is not asked again. */
const diedCodes: readonly string[] = ['ECONNRESET', 'EPIPE', 'PROTOCOL_CONNECTION_LOST', 'EPROTO'];

/** Seconds with a fraction, as UNIX_TIMESTAMP(NOW(6)) writes them. */
export function dateOf(unix: string | number): Date {
  return new Date(Math.floor(Number(unix) * 1000));
}
