// One provider as all capabilities see it: its endpoints, its clients of the estate file, and the secret each client has now.
import { type AccountRef, done, type Io, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import type { Target } from '../../protocols/http/call.ts';
import { hostOf, targetOf } from '../../protocols/http/settings.ts';
import type { OauthClient } from '../../protocols/oauth/client.ts';
import { discover, type Endpoints } from '../../protocols/oauth/discovery.ts';
import type { Client, Config } from './config.ts';
import { Registration } from './registration.ts';

export class Provider {
  readonly target: Target;
  readonly replica: string;
  readonly settings: Config;
  readonly io: Io;
  readonly #registrations = new Map<string, Registration>();
  readonly #secrets = new Map<string, Secret>();
  #endpoints: Endpoints | undefined;

  constructor(settings: Config, io: Io) {
    this.settings = settings;
    this.io = io;
    this.target = targetOf({ url: settings.issuer, tls: settings.tls }, io);
    this.replica = hostOf(this.target.base);
  }

  /** Read once they are known. */
  async endpoints(): Promise<Outcome<Endpoints>> {
    if (this.#endpoints !== undefined) return done(this.#endpoints);
    const found = await discover(this.target, this.io);
    if (found.kind === 'done') this.#endpoints = found.value;
    return found;
  }

  client(account: AccountRef): Outcome<Client> {
    const found = this.settings.clients.find(({ id }) => id === account.id);
    return found === undefined ? refused('not-found', `the estate file names no client ${account.id}`) : done(found);
  }

  registration(client: Client): Outcome<Registration> {
    if (client.registration === undefined)
      return refused('unsupported', 'the estate file names no registration address for this client: replace its secret at the provider');
    const known = this.#registrations.get(client.id);
    if (known !== undefined) return done(known);
    const { url, token } = client.registration;
    const made = new Registration(client.id, targetOf({ url, tls: this.settings.tls }, this.io), this.io, () => this.io.resolve(token));
    this.#registrations.set(client.id, made);
    return done(made);
  }

  /** The value a client was given by this run: the reference of the estate file still holds the one before. */
  keep(client: Client, secret: Secret): void {
    this.#secrets.set(client.id, secret);
  }

  /** The client with the secret it has now. */
  async current(client: Client): Promise<Outcome<OauthClient>> {
    const kept = this.#secrets.get(client.id);
    if (kept !== undefined) return done({ id: client.id, secret: kept, auth: client.auth });
    const registration = this.registration(client);
    if (registration.kind === 'done') {
      const read = await registration.value.read();
      if (read.kind === 'done' && read.value.secret !== undefined)
        return done({ id: client.id, secret: read.value.secret, auth: client.auth });
      if (read.kind !== 'done' && client.secret === undefined) return read;
    }
    if (client.secret === undefined) return done({ id: client.id, secret: undefined, auth: 'none' });
    const written = await this.io.resolve(client.secret).catch(() => undefined);
    if (written === undefined) return refused('auth', 'the secret of this client cannot be read: see where its config.secret points');
    return done({ id: client.id, secret: written, auth: client.auth });
  }
}
