// Sets one password on the PDC emulator and ends the one before it. Values are never pushed further than needed: a replay goes on where the first try stopped.
import { createHmac, randomBytes } from 'node:crypto';
import { type AccountRef, done, indeterminate, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { type Change, modifyRequest } from '../../protocols/ldap/message.ts';
import { lostOutcome } from '../../protocols/ldap/search.ts';
import { type AccountEntry, readAccount } from './account.ts';
import { bindOn, type Names } from './bind.ts';
import type { Controller, Domain } from './domain.ts';
import { guidDn } from './identity.ts';
import { listedSecret, nameOf } from './listed.ts';
import { rightPassword, writeOutcome } from './outcomes.ts';
import type { Own } from './own.ts';
import { throwAway, unicodePwd } from './password-value.ts';
import { failuresOn, objection, type Policies } from './policy.ts';
import { byHandOf } from './principal.ts';

/** Where a replay begins: `both` writes, the `final` one alone, or nothing left to do. */
type Rest = 'both' | 'final' | 'none';
type Step = { readonly account: AccountRef; readonly entry: AccountEntry; readonly pdc: Controller; readonly secret: Secret };

/**
 * A password this young may be our own, from a try whose answer or process was lost: one login says so. Two hours cover the longest usual time in which
 * a controller still takes the value before (60 minutes); what is older was judged by probes before it came here again.
 */
const youngMs = 2 * 3_600_000;
const maxRemembered = 50_000;

export class PasswordWriter {
  readonly #domain: Domain;
  readonly #policies: Policies;
  readonly #own: Own;
  readonly #names: Names;
  readonly #key = randomBytes(32);
  /** What this connection set last, as a keyed digest, and the version it had then: the same again, unchanged since, is nothing to do. */
  readonly #set = new Map<string, { readonly digest: string; readonly version: number }>();

  constructor(domain: Domain, policies: Policies, own: Own, names: Names) {
    this.#domain = domain;
    this.#policies = policies;
    this.#own = own;
    this.#names = names;
  }

  async set(account: AccountRef, secret: Secret): Promise<Outcome<void>> {
    if (secret.use((bytes) => bytes.length === 0)) return refused('policy', 'An empty password is never set.');
    const listed = listedSecret(account.id);
    if (listed !== undefined)
      return refused('unsupported', `${account.name} is not reset here: ${byHandOf(listed, nameOf(listed, account.name))?.instruction}.`);
    const pdc = await this.#domain.pdc();
    if (pdc.kind !== 'done') return pdc;
    const read = await readAccount(this.#domain, account, pdc.value);
    if (read.kind !== 'done') return read;
    this.#policies.saw(read.value.guid, read.value.policyDn);
    this.#names.saw(pdc.value, read.value.guid, read.value.dn);
    const step: Step = { account, entry: read.value, pdc: pdc.value, secret };
    const barred = (await this.#barred(step)) ?? (await this.#objected(step));
    if (barred !== undefined) return barred;
    return this.#write(step);
  }

  async #barred({ account, entry }: Step): Promise<Outcome<never> | undefined> {
    const byHand = byHandOf(entry.principal, account.name);
    if (byHand !== undefined)
      return refused('unsupported', `${account.name} is not reset here (${entry.principal}): ${byHand.instruction}.`);
    if (!(await this.#own.is(entry.guid))) return undefined;
    return refused(
      'conflict',
      `${account.name} is the account Rekey itself works with: change it by hand, then where bind.password points.`,
    );
  }

  /** Said here, because a controller would say it at the second write, with the throw-away value already in place. */
  async #objected({ account, entry, secret }: Step): Promise<Outcome<never> | undefined> {
    const policy = await this.#policies.of(entry.policyDn);
    if (policy.kind !== 'done') return undefined;
    const names = [entry.name, ...(entry.displayName ?? '').split(/[\s,.\-_#]+/)];
    const why = secret.text((text) => objection(policy.value, text, names));
    return why === undefined
      ? undefined
      : refused('policy', `The policy ${policy.value.dn} refuses the value for ${account.name}: ${why}.`, { target: '19' });
  }

  async #write(step: Step): Promise<Outcome<void>> {
    const { entry, secret } = step;
    const { previousPassword, unlock } = this.#domain.settings;
    const mustChange = previousPassword === 'must-change' && entry.scored.kind === 'human';
    const twice = previousPassword !== 'leave' && !mustChange;
    const rest = await this.#rest(step, twice);
    if (rest === 'none') return done(undefined);
    if (rest === 'both' && twice) {
      const first = await this.#send(step, throwAway(secret, entry.guid), []);
      if (first.kind !== 'done') return first;
    }
    const last = await this.#send(step, secret, [
      ...(mustChange ? [{ op: 'replace', type: 'pwdLastSet', values: [Buffer.from('0')] } as const] : []),
      ...(unlock && entry.lockedAt !== undefined ? [{ op: 'replace', type: 'lockoutTime', values: [Buffer.from('0')] } as const] : []),
    ]);
    if (last.kind === 'done') this.#remember(step, rest === 'both' && twice ? 2 : 1);
    if (last.kind !== 'refused' || rest === 'final' || !twice) return last;
    const message = `The throw-away value is in place and the new one is not: ${last.fault.message}`;
    return indeterminate(last.fault.code, message, last.fault.target === undefined ? {} : { target: last.fault.target });
  }

  /** Never a guess that could cost a write or a lock: without a certain answer both writes are made, which is always right. */
  async #rest(step: Step, twice: boolean): Promise<Rest> {
    const { entry, pdc, secret } = step;
    const known = this.#set.get(entry.guid);
    if (known !== undefined && known.digest === this.#digest(secret) && known.version === entry.change?.version) return 'none';
    // Set once, when the account was made: no earlier try of ours is behind it.
    if (!twice || entry.change === undefined || entry.change.version < 2) return 'both';
    const now = (await this.#domain.now(pdc)) ?? this.#domain.io.now();
    if (now.getTime() - entry.change.at.getTime() > youngMs || !(await this.#mayFail(entry, now))) return 'both';
    const holds = async (value: Secret) => rightPassword.has((await bindOn(this.#names, pdc, entry.guid, value)).code);
    // Only this new value leads to this throw-away: who holds it was written by an earlier try of the same reset.
    if (!(await holds(throwAway(secret, entry.guid)))) return 'both';
    return (await holds(secret)) ? 'none' : 'final';
  }

  /** One login may fail here (the throw-away's, or after it the new one's). It stays as far below the lock as the proof does. */
  async #mayFail(entry: AccountEntry, now: Date): Promise<boolean> {
    const read = await this.#policies.of(entry.policyDn);
    if (read.kind !== 'done') return false;
    const policy = read.value;
    const failures = failuresOn(entry, policy.windowSeconds, now);
    return policy.threshold === 0 || (failures !== undefined && failures + 1 <= policy.threshold - 2);
  }

  async #send({ entry, pdc }: Step, value: Secret, more: readonly Change[]): Promise<Outcome<void>> {
    try {
      const link = await pdc.writes.link();
      const answer = await unicodePwd(value, (bytes) =>
        link.request(modifyRequest(guidDn(entry.guid), [{ op: 'replace', type: 'unicodePwd', values: [bytes] }, ...more]), [], true),
      );
      if (answer.code === 0) return done(undefined);
      const outcome = writeOutcome(answer);
      return entry.isProtected && answer.code === 50 ? protectedRefusal(outcome, entry) : outcome;
    } catch (error) {
      return lostOutcome(error, pdc.url);
    }
  }

  #remember({ entry, secret }: Step, writes: number): void {
    if (entry.change === undefined) return;
    if (this.#set.size >= maxRemembered) this.#set.clear();
    this.#set.set(entry.guid, { digest: this.#digest(secret), version: entry.change.version + writes });
  }

  #digest(secret: Secret): string {
    return secret.use((bytes) => createHmac('sha256', this.#key).update(bytes).digest('base64'));
  }
}

function protectedRefusal(outcome: Outcome<never>, { name }: AccountEntry): Outcome<never> {
  const more = `${name} is protected (adminCount=1): AdminSDHolder takes rights delegated on its OU away within the hour. Reset it with an identity for Tier 0.`;
  return outcome.kind === 'done' ? outcome : { ...outcome, fault: { ...outcome.fault, message: `${outcome.fault.message} ${more}` } };
}
