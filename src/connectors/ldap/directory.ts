// One open directory: its servers, the connections kept to each, and what each server says it can do.
import type { Io, Outcome, Secret } from '../../kit/kit.ts';
import { normalDn } from '../../protocols/ldap/dn.ts';
import type { Endpoint } from '../../protocols/ldap/endpoint.ts';
import { equal, present } from '../../protocols/ldap/filter.ts';
import { type Control, type Entry, firstOf, type Search, valuesOf } from '../../protocols/ldap/message.ts';
import { BoundPool, ProbePool } from '../../protocols/ldap/pool.ts';
import { searchOn } from '../../protocols/ldap/search.ts';
import { type Config, endpoints } from './config.ts';
import { readOutcome } from './outcomes.ts';

export type Server = { readonly url: string; readonly endpoint: Endpoint; readonly bound: BoundPool; readonly probes: ProbePool };
export type Abilities = {
  readonly openldap: boolean;
  /** 389 Directory Server, by its own word. */
  readonly netscape: boolean;
  readonly controls: ReadonlySet<string>;
  readonly extensions: ReadonlySet<string>;
};

export class Directory {
  readonly settings: Config;
  readonly io: Io;
  readonly servers: readonly [Server, ...Server[]];
  readonly ownDn: string;
  #abilities: Promise<Abilities | undefined> | undefined;
  readonly #abort = () => this.close();

  constructor(settings: Config, io: Io) {
    this.settings = settings;
    this.io = io;
    this.ownDn = normalDn(settings.bind.dn);
    let secret: Promise<Secret> | undefined;
    const password = () => {
      secret ??= io.resolve(settings.bind.password);
      // A password that could not be read is asked for again; one that was read is kept for this connection.
      secret.catch(() => {
        secret = undefined;
      });
      return secret;
    };
    const bind = { dn: settings.bind.dn, password };
    const server = (endpoint: Endpoint): Server => ({
      url: endpoint.url,
      endpoint,
      bound: new BoundPool(endpoint, bind, io.timeoutMs),
      probes: new ProbePool(endpoint, io.timeoutMs),
    });
    const [primary, ...replicas] = endpoints(settings, io);
    this.servers = [server(primary), ...replicas.map(server)];
    io.signal.addEventListener('abort', this.#abort, { once: true });
  }

  get primary(): Server {
    return this.servers[0];
  }

  server(url: string): Server | undefined {
    return this.servers.find((server) => server.url === url);
  }

  /** `none` when the base does not exist: an answer, not a fault. */
  search(server: Server, search: Search, controls: readonly Control[] = []): Promise<Outcome<readonly Entry[]>> {
    return searchOn(server, search, controls, readOutcome);
  }

  /** `undefined` when the root entry cannot be read. Read once. */
  abilities(): Promise<Abilities | undefined> {
    this.#abilities ??= this.#readAbilities().then((read) => {
      if (read === undefined) this.#abilities = undefined;
      return read;
    });
    return this.#abilities;
  }

  async #readAbilities(): Promise<Abilities | undefined> {
    const attributes = ['objectClass', 'vendorName', 'supportedControl', 'supportedExtension'];
    const found = await this.search(this.primary, { base: '', scope: 'base', filter: present('objectClass'), attributes });
    const entry = found.kind === 'done' ? found.value[0] : undefined;
    if (entry === undefined) return undefined;
    const openldap = valuesOf(entry, 'objectClass').includes('OpenLDAProotDSE');
    const netscape = /^389\b/.test(firstOf(entry, 'vendorName') ?? '');
    return {
      openldap,
      netscape,
      controls: new Set(valuesOf(entry, 'supportedControl')),
      extensions: new Set(valuesOf(entry, 'supportedExtension')),
    };
  }

  /** The entry with this id, wherever it was moved to. */
  findById(server: Server, id: string, attributes: readonly string[]): Promise<Outcome<readonly Entry[]>> {
    const filter = equal(/^[0-9a-f]{8}-[0-9a-f]{8}-/i.test(id) ? 'nsUniqueId' : 'entryUUID', id);
    return this.search(server, { base: this.settings.base, scope: 'sub', filter, attributes, sizeLimit: 2 });
  }

  close(): void {
    this.io.signal.removeEventListener('abort', this.#abort);
    for (const { bound, probes } of this.servers) {
      bound.close();
      probes.close();
    }
  }
}
