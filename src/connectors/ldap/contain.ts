// Locks an account the way an administrator does (pwdAccountLockedTime 000001010000Z; nsAccountLock on 389 Directory Server), and lifts that. Both are
// read back.
import { type AccountRef, done, type Outcome, refused } from '../../kit/kit.ts';
import { normalDn } from '../../protocols/ldap/dn.ts';
import { type Change, modifyRequest } from '../../protocols/ldap/message.ts';
import { lostOutcome } from '../../protocols/ldap/search.ts';
import { type Accounts, adminLock } from './account.ts';
import type { Directory } from './directory.ts';
import { lock, unlock } from './netscape.ts';
import { writeOutcome } from './outcomes.ts';
import type { Policies } from './policy.ts';

export class AdminLock {
  readonly #directory: Directory;
  readonly #accounts: Accounts;
  readonly #policies: Policies;
  readonly #blocked: Set<string>;

  constructor(directory: Directory, accounts: Accounts, policies: Policies, blocked: Set<string>) {
    this.#directory = directory;
    this.#accounts = accounts;
    this.#policies = policies;
    this.#blocked = blocked;
  }

  async block(account: AccountRef): Promise<Outcome<void>> {
    const known = await this.#accounts.read(account, this.#directory.primary);
    if (known.kind !== 'done') return known;
    if (known.value.adminLocked) return done(undefined);
    const policy = await this.#policies.of(known.value.policyDn);
    if (policy.kind !== 'done') return policy;
    if (policy.value?.lockout === false && !known.value.netscape) {
      const message = `The policy ${policy.value.dn} has pwdLockout FALSE, so the server ignores locks. Set it TRUE to be able to block accounts.`;
      return refused('unsupported', message);
    }
    const outcome = await this.#write(account, true);
    if (outcome.kind === 'done') this.#blocked.add(account.id);
    return outcome;
  }

  /** Also lifts a lock that failed logins caused. Lifting none is done. */
  async unblock(account: AccountRef): Promise<Outcome<void>> {
    this.#blocked.delete(account.id);
    return this.#write(account, false);
  }

  async #write(account: AccountRef, locked: boolean): Promise<Outcome<void>> {
    const known = await this.#accounts.known(account);
    if (known.kind !== 'done') return known;
    if (locked && normalDn(known.value.dn) === this.#directory.ownDn)
      return refused('conflict', `${account.name} is the account Rekey itself binds with.`);
    try {
      const link = await this.#directory.primary.bound.link();
      const answer = await link.request(modifyRequest(known.value.dn, changesFor(known.value.netscape, locked)));
      if (answer.code !== 0 && !(answer.code === 16 && !locked)) return writeOutcome(answer);
    } catch (error) {
      return lostOutcome(error, this.#directory.primary.url);
    } finally {
      this.#accounts.changed(account);
    }
    const after = await this.#accounts.read(account, this.#directory.primary);
    if (after.kind !== 'done') return { kind: 'indeterminate', fault: after.fault };
    if (after.value.adminLocked === locked) return done(undefined);
    return {
      kind: 'indeterminate',
      fault: { code: 'conflict', message: `The server took the ${locked ? 'lock' : 'unlock'}, but the entry does not show it.` },
    };
  }
}

function changesFor(netscape: boolean, locked: boolean): readonly Change[] {
  if (netscape) return locked ? lock : unlock;
  return [{ op: 'replace', type: 'pwdAccountLockedTime', values: locked ? [Buffer.from(adminLock)] : [] }];
}
