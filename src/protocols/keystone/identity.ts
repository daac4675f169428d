// Rekey's own calls to OpenStack Identity v3: one token for all of them, renewed when the server no longer takes it. A 401 changed
// nothing, so it may be sent again.
import { setTimeout as sleep } from 'node:timers/promises';
import { done, type Io, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { type Answered, type Call, call, type Meaning, outcomeOf, quoted, type Reply, type Target, textAt } from '../http/call.ts';
import { hostOf, targetOf } from '../http/settings.ts';
import { type Login, passwordLogin, type Scope, type Token, type Who } from './auth.ts';
import type { IdentitySettings } from './settings.ts';

export class Identity {
  readonly target: Target;
  /** The name of the server in every cell: `host:port`. */
  readonly replica: string;
  readonly #io: Io;
  readonly #login: () => Promise<Login>;
  #session: Promise<Session> | undefined;

  constructor(target: Target, io: Io, login: () => Promise<Login>) {
    this.target = target;
    this.replica = hostOf(target.base);
    this.#io = io;
    this.#login = login;
  }

  /** Who Rekey is: the id of its own user. */
  async me(): Promise<Outcome<string>> {
    const session = await this.#current();
    return session.token === undefined ? session.failure : done(session.user);
  }

  /**
   * `expected` are the statuses that mean success. `sent` are the secrets in the request: nothing of them is repeated in a message.
   * `tries`: how often a 401 may be about our own token.
   */
  async ask(
    asked: Call,
    expected: readonly number[],
    sent: readonly Secret[] = [],
    own: Meanings = {},
    tries = 3,
  ): Promise<Outcome<Answered>> {
    for (let attempt = 1; ; attempt++) {
      const session = await this.#current();
      if (session.token === undefined) return session.failure;
      const reply = await call(this.target, { ...asked, headers: { ...asked.headers, ...session.token.headers } }, this.#io);
      if (reply.kind === 'answered' && expected.includes(reply.status)) return done(reply);
      if (reply.kind === 'answered' && reply.status === 401 && attempt < tries && !this.#io.signal.aborted) {
        // Tokens are revoked by the second: one given in the second of our own reset is dead already, the next second's is not.
        if (attempt === 2) await sleep(1100);
        // Another call may have renewed it meanwhile.
        const held = this.#session;
        if ((await held) === session && this.#session === held) this.#session = undefined;
        continue;
      }
      return outcomeOf(reply, own, errorText(reply, sent));
    }
  }

  async #current(): Promise<Session> {
    this.#session ??= this.#begin();
    const mine = this.#session;
    const session = await mine;
    // A login that failed is tried again by the next call.
    if (session.token === undefined && this.#session === mine) this.#session = undefined;
    return session;
  }

  async #begin(): Promise<Session> {
    const login = await this.#login().catch(() => undefined);
    if (login === undefined)
      return { token: undefined, failure: refused('auth', 'the credential of Rekey cannot be read: see where config points') };
    const { reply, token } = login;
    if (token !== undefined && reply.kind === 'answered') return { token, user: textAt(reply.body, 'token', 'user', 'id') ?? '' };
    const failed = outcomeOf(reply, loginMeanings);
    // Nothing but a login was sent: what the caller wanted certainly did not happen.
    const fault = failed.kind === 'done' ? undefined : failed.fault;
    return { token: undefined, failure: refused(fault?.code ?? 'auth', fault?.message ?? 'no login', fault ?? {}) };
  }
}

type Meanings = Readonly<Record<number, Meaning>>;
type Session = { readonly token: Token; readonly user: string } | { readonly token: undefined; readonly failure: Outcome<never> };

const loginMeanings: Meanings = { 401: { fault: 'auth', certain: true, say: 'the server refused the login of the Rekey user' } };

/** Keystone's own words for what went wrong. */
export function errorText(reply: Reply, sent: readonly Secret[] = []): string {
  return reply.kind === 'answered' ? quoted(textAt(reply.body, 'error', 'message'), sent) : '';
}

/** As the user of the estate file. `secret` is asked for at each login: its value may have been reset by this run. */
export function identityOf(settings: IdentitySettings, io: Io, secret: () => Promise<Secret>): Identity {
  const target = targetOf(settings, io);
  const scope: Scope = settings.project === undefined ? { system: true } : { project: settings.project, domain: settings.projectDomain };
  return new Identity(target, io, async () =>
    passwordLogin(target, io, { name: settings.user, domain: settings.domain }, await secret(), scope),
  );
}

export function ownerIdentity(target: Target, io: Io, who: Who, secret: () => Promise<Secret>, projectId: string): Identity {
  return new Identity(target, io, async () => passwordLogin(target, io, who, await secret(), { projectId }));
}
