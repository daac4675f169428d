// Disables an account and enables it again. Only the one bit is changed, against the value that was read, and the result is read back.
import { type AccountRef, done, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import { modifyRequest } from '../../protocols/ldap/message.ts';
import { lostOutcome } from '../../protocols/ldap/search.ts';
import { readAccount } from './account.ts';
import type { Domain } from './domain.ts';
import { uac } from './flags.ts';
import { guidDn } from './identity.ts';
import { writeOutcome } from './outcomes.ts';
import type { Own } from './own.ts';
import { byHandOf } from './principal.ts';

export class AccountSwitch {
  readonly #domain: Domain;
  readonly #own: Own;

  constructor(domain: Domain, own: Own) {
    this.#domain = domain;
    this.#own = own;
  }

  block(account: AccountRef): Promise<Outcome<void>> {
    return this.#turn(account, true);
  }

  /** Enables. A lock by failed logons is another thing, and stays until it is asked for (`unlock`). */
  unblock(account: AccountRef): Promise<Outcome<void>> {
    return this.#turn(account, false);
  }

  async #turn(account: AccountRef, disabled: boolean): Promise<Outcome<void>> {
    const pdc = await this.#domain.pdc();
    if (pdc.kind !== 'done') return pdc;
    const read = await readAccount(this.#domain, account, pdc.value);
    if (read.kind !== 'done') return read;
    const { guid, flags, principal } = read.value;
    if (read.value.disabled === disabled) return done(undefined);
    if (disabled && (await this.#own.is(guid))) return refused('conflict', `${account.name} is the account Rekey itself works with.`);
    const byHand = disabled ? byHandOf(principal, account.name) : undefined;
    if (byHand !== undefined && principal !== 'smartcard-only')
      return refused('unsupported', `${account.name} is not disabled here (${principal}): ${byHand.instruction}.`);
    const wanted = disabled ? flags | uac.disabled : flags & ~uac.disabled;
    const value = (bits: number) => Buffer.from(String(bits | 0));
    try {
      const link = await pdc.value.bound.link();
      // Delete and add in one transaction: a flag somebody else set in between is not overwritten.
      const answer = await link.request(
        modifyRequest(guidDn(guid), [
          { op: 'delete', type: 'userAccountControl', values: [value(flags)] },
          { op: 'add', type: 'userAccountControl', values: [value(wanted)] },
        ]),
      );
      if (answer.code !== 0) return writeOutcome(answer);
    } catch (error) {
      return lostOutcome(error, pdc.value.url);
    }
    const after = await readAccount(this.#domain, account, pdc.value);
    if (after.kind !== 'done') return { kind: 'indeterminate', fault: after.fault };
    if (after.value.disabled === disabled) return done(undefined);
    return indeterminate('conflict', `The controller took the change, but ${account.name} does not show it.`);
  }
}
