// Sets one password on the writable server. The exop replaces every stored value; what it would undo (an administrator's lock) is put back.
import { type AccountRef, done, indeterminate, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import type { Ber } from '../../protocols/ldap/ber.ts';
import { normalDn } from '../../protocols/ldap/dn.ts';
import {
  type Answer,
  bindRequest,
  type Change,
  modifyPasswordRequest,
  modifyRequest,
  oids,
  policyError,
  ppolicyControl,
} from '../../protocols/ldap/message.ts';
import { lostOutcome } from '../../protocols/ldap/search.ts';
import { type AccountEntry, type Accounts, adminLock } from './account.ts';
import type { Directory } from './directory.ts';
import { noMustChange, unlock } from './netscape.ts';
import { writeOutcome } from './outcomes.ts';
import type { Policies } from './policy.ts';

/** pwdHistory is keyed by the second: a second change within it answers 20 and changes nothing. The next second is free. */
const nextSecondMs = 1_100;
/** Errors of the password policy: the account is locked; the value was set before. */
const locked = 1;
const inHistory = 8;

/** Of the present password 389 Directory Server says it in its text alone. */
const isInHistory = (answer: Answer): boolean => policyError(answer) === inHistory || /\bpassword in history\b/i.test(answer.message);

export class PasswordWriter {
  readonly #directory: Directory;
  readonly #accounts: Accounts;
  readonly #policies: Policies;
  /** Blocked by us in this connection: a reset lifts the block, since the secret it stood against is dead. */
  readonly blocked = new Set<string>();

  constructor(directory: Directory, accounts: Accounts, policies: Policies) {
    this.#directory = directory;
    this.#accounts = accounts;
    this.#policies = policies;
  }

  async set(account: AccountRef, secret: Secret): Promise<Outcome<void>> {
    if (secret.use((bytes) => bytes.length === 0)) return refused('policy', 'An empty password is never set.');
    const known = await this.#accounts.known(account);
    if (known.kind !== 'done') return known.kind === 'indeterminate' ? { kind: 'refused', fault: known.fault } : known;
    const entry = known.value;
    if (normalDn(entry.dn) === this.#directory.ownDn) {
      return refused(
        'conflict',
        `${account.name} is the account Rekey itself binds with: change it where its password is kept, then in the directory.`,
      );
    }
    try {
      return await this.#write(account, entry, secret);
    } catch (error) {
      return lostOutcome(error, this.#directory.primary.url);
    } finally {
      this.#accounts.changed(account);
    }
  }

  async #write(account: AccountRef, entry: AccountEntry, secret: Secret): Promise<Outcome<void>> {
    let answer = await this.#send(entry, secret);
    if (answer.code === 20) {
      await new Promise((resolve) => setTimeout(resolve, nextSecondMs));
      answer = await this.#send(entry, secret);
    }
    if (answer.code === 19 && isInHistory(answer)) return this.#alreadySet(entry, secret, answer);
    if (answer.code !== 0) return writeOutcome(answer);
    return this.#settle(account, entry, secret);
  }

  /** One exop; `replace` where the server has none (RFC 3062 is optional). Both are one transaction. */
  async #send({ dn, netscape }: AccountEntry, secret: Secret): Promise<Answer> {
    const abilities = await this.#directory.abilities();
    if (abilities === undefined || abilities.extensions.has(oids.modifyPassword)) {
      const answer = await this.#secretRequest((bytes) => modifyPasswordRequest(dn, bytes), secret);
      // 389 Directory Server: 13 without TLS, where a replace is taken and hashed; 19 without a word which rule, where a replace names it.
      const isMute = netscape && (answer.code === 13 || (answer.code === 19 && policyError(answer) === undefined));
      if (answer.code !== 2 && !isMute) return answer;
    }
    return this.#replace(dn, secret);
  }

  #replace(dn: string, secret: Secret): Promise<Answer> {
    return this.#secretRequest((bytes) => modifyRequest(dn, [{ op: 'replace', type: 'userPassword', values: [bytes] }]), secret);
  }

  async #secretRequest(build: (bytes: Uint8Array) => Ber, secret: Secret): Promise<Answer> {
    const link = await this.#directory.primary.bound.link();
    return secret.use((bytes) => link.request(build(bytes), [ppolicyControl], true));
  }

  /** A value of ours in the history is there because it was set before. Only a login says whether it is also the present one. */
  async #alreadySet({ dn, adminLocked }: AccountEntry, secret: Secret, answer: Answer): Promise<Outcome<void>> {
    const bind = await this.#directory.primary.probes.use((link) =>
      secret.use((bytes) => link.request(bindRequest(dn, bytes), [ppolicyControl], true)),
    );
    if (bind.code === 0) return done(undefined);
    const { fault } = writeOutcome(answer) as Extract<Outcome<never>, { kind: 'refused' | 'indeterminate' }>;
    // A locked account refuses every login. This call changed nothing, so another value can be set.
    if (adminLocked || policyError(bind) === locked)
      return refused('policy', `${fault.message} A locked account does not tell whether it is the present one.`, { target: '19' });
    return indeterminate('policy', `${fault.message} It was set before, and is not the present password.`, { target: '19' });
  }

  /** What a plain account needs is nothing: every step here is for a fact seen before the write. */
  async #settle(account: AccountRef, entry: AccountEntry, secret: Secret): Promise<Outcome<void>> {
    const changes: Change[] = [];
    if (entry.adminLocked) {
      const isOurs = this.blocked.delete(account.id);
      // OpenLDAP lifts every lock with a reset, 389 Directory Server none: the one is put back, the other taken away.
      if (entry.netscape && isOurs) changes.push(...unlock);
      if (!entry.netscape && !isOurs) changes.push({ op: 'replace', type: 'pwdAccountLockedTime', values: [Buffer.from(adminLock)] });
    }
    if (entry.kind !== 'human' && (entry.mustChange || (await this.#mustChange(entry))))
      changes.push(entry.netscape ? noMustChange : { op: 'replace', type: 'pwdReset', values: [] });
    if (changes.length > 0) {
      const link = await this.#directory.primary.bound.link();
      const answer = await link.request(modifyRequest(entry.dn, changes));
      if (answer.code !== 0 && answer.code !== 16) return this.#halfDone(answer, 'the lock or the must-change mark could not be put right');
    }
    return (entry.values ?? 1) > 1 ? this.#closeOthers(account, secret) : done(undefined);
  }

  /** The account held several passwords. The exop replaced them all, on OpenLDAP; elsewhere it is looked at, and done by hand. */
  async #closeOthers(account: AccountRef, secret: Secret): Promise<Outcome<void>> {
    for (const attempt of ['exop', 'replace'] as const) {
      this.#accounts.forget(account);
      const after = await this.#accounts.read(account, this.#directory.primary);
      if (after.kind !== 'done') return { kind: 'indeterminate', fault: after.fault };
      if ((after.value.values ?? 1) <= 1) return done(undefined);
      if (attempt === 'replace') break;
      const answer = await this.#replace(after.value.dn, secret);
      if (answer.code !== 0) return this.#halfDone(answer, 'a second stored password is still there');
    }
    return indeterminate('conflict', 'The password was set, but the account still holds a second one.');
  }

  #halfDone(answer: Answer, what: string): Outcome<void> {
    const { fault } = writeOutcome(answer) as Extract<Outcome<never>, { kind: 'refused' | 'indeterminate' }>;
    return { kind: 'indeterminate', fault: { ...fault, message: `The password was set, but ${what}: ${fault.message}` } };
  }

  async #mustChange(entry: AccountEntry): Promise<boolean> {
    const policy = await this.#policies.of(entry.policyDn);
    return policy.kind === 'done' && policy.value?.mustChange === true;
  }
}
