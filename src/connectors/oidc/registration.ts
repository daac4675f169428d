// The registration of one client (RFC 7592): read, and written back without its secret, upon which a provider that does so makes a new one.
import { createHmac } from 'node:crypto';
import { done, type Io, indeterminate, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { call, type Meaning, member, outcomeOf, type Reply, type Target, textAt } from '../../protocols/http/call.ts';
import { heldText } from './held-text.ts';

const meanings: Readonly<Record<number, Meaning>> = {
  400: { fault: 'protocol', certain: true, say: 'the provider does not take the registration as it gave it' },
  401: {
    fault: 'auth',
    certain: true,
    say: 'the provider does not take the registration token: it may have replaced it in an answer that was lost, then a new one is made there',
  },
  403: { fault: 'permission', certain: true, say: 'the provider does not let this client be managed' },
};

/** Section 2.2: what a client must not send back, and the secret it may only confirm. */
const notSent = new Set([
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
  'client_secret',
]);

export type Record7592 = {
  readonly secret: Secret | undefined;
  /** Names the secret without telling anything about it: keyed with the registration token, which nobody can guess. */
  readonly slot: string | undefined;
  readonly expiresAt: Date | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
};
/** `token`: the provider has replaced the registration token; whoever does not keep it loses the client. */
export type Replaced = { readonly record: Record7592; readonly token: string | undefined };

export class Registration {
  readonly #id: string;
  readonly #target: Target;
  readonly #io: Io;
  readonly #written: () => Promise<Secret>;
  #token: string | undefined;
  #key: string | undefined;

  constructor(id: string, target: Target, io: Io, token: () => Promise<Secret>) {
    this.#id = id;
    this.#target = target;
    this.#io = io;
    this.#written = token;
  }

  async read(): Promise<Outcome<Record7592>> {
    const reply = await this.#send('GET');
    if (reply === undefined) return noToken();
    if (reply.kind !== 'answered' || reply.status !== 200) return outcomeOf(reply, meanings);
    this.#follow(reply);
    return this.#recordOf(reply.body);
  }

  /** Everything the provider keeps of the client goes back as it came, without the secret. */
  async replace(record: Record7592): Promise<Outcome<Replaced>> {
    const json = Object.fromEntries(Object.entries(record.metadata).filter(([name]) => !notSent.has(name)));
    const reply = await this.#send('PUT', { ...json, client_id: this.#id });
    if (reply === undefined) return noToken();
    if (reply.kind !== 'answered' || reply.status !== 200) return outcomeOf(reply, meanings);
    const token = this.#follow(reply);
    const after = this.#recordOf(reply.body);
    return after.kind === 'done' ? done({ record: after.value, token }) : indeterminate('protocol', after.fault.message, after.fault);
  }

  async #send(method: 'GET' | 'PUT', json?: object): Promise<Reply | undefined> {
    if (this.#token === undefined) {
      const written = await this.#written().catch(() => undefined);
      if (written === undefined) return undefined;
      this.#token = written.text((text) => text);
      this.#key = this.#token;
    }
    const headers = { authorization: `Bearer ${this.#token}` };
    return call(this.#target, { method, path: [], headers, ...(json === undefined ? {} : { json }) }, this.#io);
  }

  #follow(reply: Extract<Reply, { kind: 'answered' }>): string | undefined {
    const given = textAt(reply.body, 'registration_access_token');
    if (given === undefined || given === this.#token) return undefined;
    this.#token = given;
    return given;
  }

  #recordOf(body: unknown): Outcome<Record7592> {
    if (typeof body !== 'object' || body === null || textAt(body, 'client_id') !== this.#id)
      return refused('protocol', 'the answer is not the registration of this client');
    const text = textAt(body, 'client_secret');
    const expires = member(body, 'client_secret_expires_at');
    return done({
      secret: text === undefined ? undefined : heldText('current', text),
      slot:
        text === undefined
          ? undefined
          : createHmac('sha256', this.#key ?? '')
              .update(text)
              .digest('hex')
              .slice(0, 16),
      expiresAt: typeof expires === 'number' && expires > 0 ? new Date(expires * 1000) : undefined,
      metadata: { ...body },
    });
  }

  toJSON(): string {
    return `[registration of ${this.#id}]`;
  }
}

const noToken = (): Outcome<never> => refused('auth', 'the registration token cannot be read: see where its config points');
