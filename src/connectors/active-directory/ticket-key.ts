// krbtgt as a key with generations: its version on every writable controller, one reset, and a ticket from before that is shown to each of them again.
import {
  type AccountRef,
  done,
  type Generation,
  type KeyGenerations,
  type Outcome,
  type Probed,
  refused,
  type Secret,
} from '../../kit/kit.ts';
import { normalDn } from '../../protocols/ldap/dn.ts';
import { readAccount } from './account.ts';
import type { Controller, Domain } from './domain.ts';
import { KerberosHome } from './kerberos.ts';
import { mostResets, notThisKey, presentOldTicket, readKrbtgt, resetKrbtgt, waitBetweenResetsMs } from './krbtgt.ts';
import type { Own } from './own.ts';
import { believedAlive, spoilt } from './ticket-cache.ts';
import { controllersOf } from './tier-zero.ts';

export class TicketKey implements KeyGenerations {
  readonly most = mostResets;
  readonly #domain: Domain;
  readonly #own: Own;

  constructor(domain: Domain, own: Own) {
    this.#domain = domain;
    this.#own = own;
  }

  async read(account: AccountRef): Promise<Outcome<readonly Generation[]>> {
    const pdc = await this.#domain.pdc();
    if (pdc.kind !== 'done') return pdc;
    const first = await readKrbtgt(this.#domain, pdc.value);
    if (first.kind !== 'done') return first;
    if (first.value.guid !== account.id) return notThisKey(account);
    const listed = await controllersOf(this.#domain, pdc.value);
    if (listed.kind !== 'done') return listed;
    const known = new Set<string>();
    const generations: Generation[] = [];
    for (const controller of await this.#domain.inOrder()) {
      const [read, root] = [await readKrbtgt(this.#domain, controller), await this.#domain.root(controller)];
      if (root.kind === 'done') known.add(normalDn(root.value.service));
      generations.push({ replica: controller.url, generation: read.kind === 'done' ? read.value.keyVersion : undefined });
    }
    // A controller that the estate file forgets, or that does not answer, holds the old key until somebody shows otherwise.
    const forgotten = listed.value.filter((each) => !each.readOnly && !known.has(normalDn(each.service)));
    const unlisted = forgotten.map(({ name }) => ({ replica: name, generation: undefined }));
    return done([...generations, ...unlisted]);
  }

  async reset(account: AccountRef, expected: number): Promise<Outcome<number>> {
    const reset = await resetKrbtgt(this.#domain, expected, account);
    return reset.kind === 'done' ? done(reset.value.after.keyVersion) : reset;
  }

  /** A ticket of the account Rekey itself works with, from the controller that takes the resets. */
  async witness(_account: AccountRef, kind: 'real' | 'nonsense'): Promise<Outcome<Uint8Array>> {
    const pdc = await this.#domain.pdc();
    if (pdc.kind !== 'done') return pdc;
    const guid = await this.#own.guid();
    if (guid === undefined)
      return refused('not-found', 'The account Rekey works with is no account of this domain: it can take no ticket.');
    const self = await readAccount(this.#domain, { system: this.#domain.io.system, id: guid, name: guid }, pdc.value);
    if (self.kind !== 'done') return self;
    const secret = await this.#domain.io.resolve(this.#domain.settings.bind.password);
    return this.#at(pdc.value, async (home) => {
      const said = await home.ticket(self.value.name, secret);
      if (!said.ok) return refused('auth', `${pdc.value.url} gave no ticket: ${said.text}`);
      const cache = home.cacheOf();
      return done(kind === 'real' ? cache : spoilt(cache));
    });
  }

  async present(_account: AccountRef, witness: Secret, replica: string): Promise<Probed> {
    const controller = this.#domain.controller(replica);
    const root = controller === undefined ? undefined : await this.#domain.root(controller);
    if (controller === undefined || root?.kind !== 'done') return { verdict: 'indeterminate', code: 'not-listed' };
    return this.#at(controller, async (home) => {
      witness.use((bytes) => home.keep(believedAlive(bytes)));
      const { verdict, text } = await presentOldTicket(home, `ldap/${root.value.host}`);
      if (verdict === 'alive') return { verdict: 'accepted', code: '0' };
      if (verdict === 'dead') return { verdict: 'rejected', code: 'krb/key-gone' };
      // The end is read inside the ticket: whoever says that it is over has opened it, with the very key that should be gone.
      if (/Ticket expired/i.test(text)) return { verdict: 'accepted', code: 'krb/32 (over, but its key was honoured)' };
      return { verdict: 'indeterminate', code: /Cannot contact any KDC|Cannot resolve/.test(text) ? 'krb/no-kdc' : 'krb/unknown' };
    });
  }

  async lifeMs(): Promise<Outcome<number>> {
    return done(waitBetweenResetsMs(this.#domain.settings.tickets, 0));
  }

  async #at<T>(controller: Controller, work: (home: KerberosHome) => Promise<T>): Promise<T> {
    const { settings, io } = this.#domain;
    const realm = settings.kerberos?.realm ?? '';
    const home = new KerberosHome({ realm, kdc: controller.endpoint.host, port: settings.kerberos?.port ?? 88 }, io.timeoutMs, io.signal);
    try {
      return await work(home);
    } finally {
      home.remove();
    }
  }
}
