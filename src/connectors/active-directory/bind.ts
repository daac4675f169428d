// One simple bind with one password on one controller, under the name the account has there at this moment.
import type { Probed, Secret } from '../../kit/kit.ts';
import { LinkError } from '../../protocols/ldap/link.ts';
import { bindRequest } from '../../protocols/ldap/message.ts';
import type { Controller, Domain } from './domain.ts';
import { guidDn, isGuid } from './identity.ts';
import { bindVerdict } from './outcomes.ts';

const open = (code: string): Probed => ({ verdict: 'indeterminate', code });

/** The answer to this bind alone: nothing is retried, because a retry may count twice. */
export async function bindOn(names: Names, controller: Controller, guid: string, secret: Secret): Promise<Probed> {
  // With an empty password a bind is "unauthenticated" and may say success (RFC 4513 section 5.1.2).
  if (secret.use((bytes) => bytes.length === 0)) return open('empty-secret');
  const name = await names.of(controller, guid);
  if (typeof name !== 'string') return open(name.code);
  try {
    return await controller.probes.use(async (link) =>
      bindVerdict(await secret.use((bytes) => link.request(bindRequest(name, bytes), [], true))),
    );
  } catch (error) {
    if (error instanceof LinkError) return open(error.code);
    throw error;
  }
}

/** The four logins of one proof come within this time. An account renamed in it has its new password rejected, which proves nothing and is seen. */
const keepMs = 5_000;
const maxKept = 20_000;

/** DNs by GUID. Windows takes a braced GUID as login name too, Samba only an extended DN: a plain DN is what both take. */
export class Names {
  readonly #domain: Domain;
  readonly #kept = new Map<string, { readonly at: number; readonly dn: string }>();

  constructor(domain: Domain) {
    this.#domain = domain;
  }

  /** Another read has just shown it. */
  saw(controller: Controller, guid: string, dn: string): void {
    if (this.#kept.size >= maxKept) this.#kept.clear();
    this.#kept.set(`${controller.url} ${guid}`, { at: Date.now(), dn });
  }

  async of(controller: Controller, guid: string): Promise<string | { readonly code: string }> {
    if (!isGuid(guid)) return { code: 'no-guid' };
    const kept = this.#kept.get(`${controller.url} ${guid}`);
    if (kept !== undefined && Date.now() - kept.at < keepMs) return kept.dn;
    const read = await this.#domain.entry(controller, guidDn(guid), ['1.1']);
    if (read.kind !== 'done') return { code: read.fault.target ?? read.fault.code };
    if (read.value === undefined) return { code: '32' };
    this.saw(controller, guid, read.value.dn);
    return read.value.dn;
  }
}
