// One Redis server as Rekey's own user sees it: one connection, every command bounded in time, and no doubt about how each ended.
import type { Io, Secret } from '../../kit/kit.ts';
import { type Answer, Link } from '../../protocols/redis/link.ts';
import type { Argument } from '../../protocols/redis/resp.ts';
import { type Endpoint, type Limits, limitsOf } from '../../protocols/tcp/dial.ts';
import { noSecret } from './fault.ts';

/** Newest first: while a reset of Rekey's own user is under way, either may be the one this server holds. */
export type OwnSecrets = () => Promise<readonly Secret[]>;
export type Command = readonly Argument[];

type Failure =
  | { readonly kind: 'unsent'; readonly code: string }
  | { readonly kind: 'failed'; readonly code: string; readonly text: string };
type Own = { readonly link: Link; readonly id: number | undefined };

export class Node {
  readonly endpoint: Endpoint;
  readonly #user: string;
  readonly #io: Io;
  readonly #secrets: OwnSecrets;
  #own: Promise<Own | Failure> | undefined;
  #current: Own | undefined;

  constructor(endpoint: Endpoint, user: string, io: Io, secrets: OwnSecrets) {
    this.endpoint = endpoint;
    this.#user = user;
    this.#io = io;
    this.#secrets = secrets;
  }

  /** The server's number of our own connection. Only of a live one: after a restart the server gives the numbers again. */
  get ownId(): number | undefined {
    return this.#current?.link.alive === true ? this.#current.id : undefined;
  }

  /** For what may be asked twice. A kept connection may have died unnoticed (restart, idle time-out): then a second one is asked. */
  async read(commands: readonly Command[], limits: Limits = limitsOf(this.#io)): Promise<readonly Answer[]> {
    const answers = await this.once(commands, limits);
    return answers.some((answer) => answer.kind === 'lost' && diedCodes.includes(answer.code)) ? this.once(commands, limits) : answers;
  }

  /** For changes: sent once, whatever happens. */
  async once(commands: readonly Command[], limits: Limits = limitsOf(this.#io)): Promise<readonly Answer[]> {
    const own = await this.#link(limits);
    if ('link' in own) return own.link.send(commands, limits);
    // A refused login or connection: the server has seen none of the commands.
    return commands.map(() => (own.kind === 'failed' ? { ...own } : own));
  }

  async end(): Promise<void> {
    const own = await this.#own;
    this.#own = undefined;
    if (own !== undefined && 'link' in own) own.link.end();
  }

  async #link(limits: Limits): Promise<Own | Failure> {
    const pending = this.#own;
    const before = await pending;
    if (before !== undefined && 'link' in before && before.link.alive) return before;
    // Callers that meet at a dead link share the next one.
    if (this.#own === pending || this.#own === undefined) this.#own = this.#dial(limits);
    return this.#own;
  }

  async #dial(limits: Limits): Promise<Own | Failure> {
    let secrets: readonly Secret[];
    try {
      secrets = await this.#secrets();
    } catch {
      return { kind: 'unsent', code: noSecret };
    }
    let failure: Failure = { kind: 'unsent', code: noSecret };
    for (const secret of secrets) {
      const link = await Link.dial(this.endpoint, limits);
      if ('failed' in link) return { kind: 'unsent', code: link.failed };
      const [login, id] = await secret.use((bytes) =>
        link.send(
          [
            ['AUTH', this.#user, bytes],
            ['CLIENT', 'ID'],
          ],
          limits,
        ),
      );
      if (login?.kind === 'reply') {
        const number = id?.kind === 'reply' && typeof id.value === 'number' ? id.value : undefined;
        this.#current = { link, id: number };
        return this.#current;
      }
      link.end();
      failure = login?.kind === 'failed' ? login : { kind: 'unsent', code: login?.code ?? 'EPROTO' };
      if (failure.code !== 'WRONGPASS') return failure;
    }
    return failure;
  }
}

/** Not the time-outs: a server that is slow is not asked again. */
const diedCodes: readonly string[] = ['ECONNRESET', 'EPIPE', 'ECLOSED'];
