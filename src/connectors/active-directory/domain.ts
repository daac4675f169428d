// One open domain: its controllers, the connections kept to each, and which of them is PDC emulator.
import { done, type Io, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { normalDn } from '../../protocols/ldap/dn.ts';
import type { Endpoint } from '../../protocols/ldap/endpoint.ts';
import { present } from '../../protocols/ldap/filter.ts';
import { type Control, type Entry, firstOf, type Search } from '../../protocols/ldap/message.ts';
import { BoundPool, ProbePool } from '../../protocols/ldap/pool.ts';
import { searchOn } from '../../protocols/ldap/search.ts';
import { Clocks } from './clocks.ts';
import { type Config, endpoints } from './config.ts';
import { type Kinds, kindsOf } from './kinds.ts';
import { readOutcome } from './outcomes.ts';

/** A controller answers one request of a connection at a time, and a reset takes it some 30 ms: reads have connections of their own. */
export type Controller = {
  readonly url: string;
  readonly endpoint: Endpoint;
  readonly bound: BoundPool;
  readonly writes: BoundPool;
  readonly probes: ProbePool;
};
/** What a controller says about itself and its domain. */
export type Root = { readonly domain: string; readonly configuration: string; readonly service: string; readonly host: string };

/** Roles move by hand, a few times in a domain's life. A write on a controller that has just lost the role is still a good write. */
const roleMs = 60_000;

export class Domain {
  readonly settings: Config;
  readonly io: Io;
  readonly controllers: readonly Controller[];
  readonly kinds: Kinds;
  readonly #clocks = new Clocks();
  readonly #roots = new Map<string, Promise<Outcome<Root>>>();
  #role: { readonly at: number; readonly holder: Promise<Outcome<Controller>> } | undefined;
  readonly #abort = () => this.close();

  constructor(settings: Config, io: Io) {
    this.settings = settings;
    this.io = io;
    this.kinds = kindsOf(settings);
    let secret: Promise<Secret> | undefined;
    const password = () => {
      secret ??= io.resolve(settings.bind.password);
      // A password that could not be read is asked for again; one that was read is kept for this connection.
      secret.catch(() => {
        secret = undefined;
      });
      return secret;
    };
    const bind = { dn: settings.bind.user, password };
    this.controllers = endpoints(settings, io).map((endpoint) => ({
      url: endpoint.url,
      endpoint,
      bound: new BoundPool(endpoint, bind, io.timeoutMs),
      writes: new BoundPool(endpoint, bind, io.timeoutMs),
      probes: new ProbePool(endpoint, io.timeoutMs),
    }));
    io.signal.addEventListener('abort', this.#abort, { once: true });
  }

  controller(url: string): Controller | undefined {
    return this.controllers.find((each) => each.url === url);
  }

  /** A base that does not exist is an empty answer, not a fault. */
  search(controller: Controller, search: Search, controls: readonly Control[] = []): Promise<Outcome<readonly Entry[]>> {
    return searchOn(controller, search, controls, readOutcome);
  }

  async entry(controller: Controller, dn: string, attributes: readonly string[]): Promise<Outcome<Entry | undefined>> {
    const found = await this.search(controller, { base: dn, scope: 'base', filter: present('objectClass'), attributes });
    return found.kind === 'done' ? done(found.value[0]) : found;
  }

  root(controller: Controller): Promise<Outcome<Root>> {
    const known = this.#roots.get(controller.url);
    if (known !== undefined) return known;
    const read = this.#readRoot(controller);
    this.#roots.set(controller.url, read);
    void read.then(({ kind }) => kind === 'done' || this.#roots.delete(controller.url));
    return read;
  }

  /** The base of searches: the estate file's, or the whole domain. */
  async base(controller: Controller): Promise<Outcome<string>> {
    if (this.settings.base !== undefined) return done(this.settings.base);
    const root = await this.root(controller);
    return root.kind === 'done' ? done(root.value.domain) : root;
  }

  /** Takes the writes: it learns of every change first, and others ask it before they turn a logon away. */
  pdc(): Promise<Outcome<Controller>> {
    if (this.#role !== undefined && Date.now() - this.#role.at < roleMs) return this.#role.holder;
    const holder = this.#findPdc();
    this.#role = { at: Date.now(), holder };
    void holder.then(({ kind }) => {
      if (kind !== 'done') this.#role = undefined;
    });
    return holder;
  }

  /** The PDC emulator first, so that whoever asks for one controller asks the one that was written to. */
  async inOrder(): Promise<readonly Controller[]> {
    const pdc = await this.pdc();
    return pdc.kind === 'done' ? [pdc.value, ...this.controllers.filter((each) => each !== pdc.value)] : this.controllers;
  }

  /** The controller's clock; a change made after a reading never looks older than it. `undefined`: it does not answer. */
  now(controller: Controller): Promise<Date | undefined> {
    return this.#clocks.now(controller.url, () => this.entry(controller, '', ['currentTime']));
  }

  async #readRoot(controller: Controller): Promise<Outcome<Root>> {
    const attributes = ['defaultNamingContext', 'configurationNamingContext', 'dsServiceName', 'dnsHostName'];
    const read = await this.entry(controller, '', attributes);
    if (read.kind !== 'done') return read;
    const value = (type: string) => (read.value === undefined ? undefined : firstOf(read.value, type));
    const [domain, configuration, service, host] = attributes.map(value);
    if (domain === undefined || configuration === undefined || service === undefined)
      return refused('unsupported', `${controller.url} is no Active Directory domain controller.`);
    return done({ domain, configuration, service, host: host ?? controller.endpoint.host });
  }

  async #findPdc(): Promise<Outcome<Controller>> {
    let failed: Outcome<never> | undefined;
    for (const controller of this.controllers) {
      const owner = await this.#roleOwner(controller);
      if (owner.kind !== 'done') {
        failed ??= owner;
        continue;
      }
      for (const each of this.controllers) {
        const root = await this.root(each);
        if (root.kind === 'done' && normalDn(root.value.service) === normalDn(owner.value)) return done(each);
      }
      const message = `The PDC emulator (${owner.value}) is not among the controllers of the estate file, or does not answer.`;
      return refused('unreachable', message);
    }
    return failed ?? refused('unreachable', 'No domain controller answers.');
  }

  async #roleOwner(controller: Controller): Promise<Outcome<string>> {
    const root = await this.root(controller);
    if (root.kind !== 'done') return root;
    const head = await this.entry(controller, root.value.domain, ['fSMORoleOwner']);
    if (head.kind !== 'done') return head;
    const owner = head.value === undefined ? undefined : firstOf(head.value, 'fSMORoleOwner');
    return owner === undefined ? refused('permission', `${controller.url} does not show who the PDC emulator is.`) : done(owner);
  }

  close(): void {
    this.io.signal.removeEventListener('abort', this.#abort);
    for (const { bound, writes, probes } of this.controllers) {
      bound.close();
      writes.close();
      probes.close();
    }
  }
}
