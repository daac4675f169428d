// The password policy that holds for an account: its own (pwdPolicySubentry), else the default. Read once a minute, never per account.
import { done, type Lockout, type Outcome, type PasswordPolicy } from '../../kit/kit.ts';
import { leafOf, normalDn } from '../../protocols/ldap/dn.ts';
import { equal, present } from '../../protocols/ldap/filter.ts';
import { oids } from '../../protocols/ldap/message.ts';
import { fromGeneralizedTime } from '../../protocols/ldap/time.ts';
import type { AccountEntry } from './account.ts';
import type { Directory } from './directory.ts';
import { isLockedByFailures } from './netscape.ts';
import { netscapePolicy } from './netscape-policy.ts';
import { type Policy, policyAttributes, policyFrom, strictest } from './policy-entry.ts';

const keepMs = 60_000;

export class Policies {
  readonly #directory: Directory;
  readonly #kept = new Map<string, { readonly at: number; readonly policy: Promise<Outcome<Policy | undefined>> }>();

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** `undefined`: there is none that Rekey's account can read. */
  of(dn: string | undefined): Promise<Outcome<Policy | undefined>> {
    const key = dn === undefined ? '' : normalDn(dn);
    const kept = this.#kept.get(key);
    if (kept !== undefined && Date.now() - kept.at < keepMs) return kept.policy;
    const policy = this.#find(dn);
    this.#kept.set(key, { at: Date.now(), policy });
    void policy.then((outcome) => outcome.kind === 'done' || this.#kept.delete(key));
    return policy;
  }

  async #find(dn: string | undefined): Promise<Outcome<Policy | undefined>> {
    const abilities = await this.#directory.abilities();
    if (abilities?.netscape === true) return netscapePolicy(this.#directory, dn ?? this.#directory.settings.policyDn);
    return dn === undefined ? this.#default() : this.#read(dn);
  }

  async #read(dn: string): Promise<Outcome<Policy | undefined>> {
    const found = await this.#directory.search(this.#directory.primary, {
      base: dn,
      scope: 'base',
      filter: present('objectClass'),
      attributes: policyAttributes,
    });
    if (found.kind !== 'done') return found;
    return done(found.value[0] === undefined ? undefined : policyFrom(found.value[0]));
  }

  /** The configured one; else the only one below base; else the one named `default`; else the strictest of all. */
  async #default(): Promise<Outcome<Policy | undefined>> {
    const { base, policyDn } = this.#directory.settings;
    if (policyDn !== undefined) return this.#read(policyDn);
    const filter = equal('objectClass', 'pwdPolicy');
    const found = await this.#directory.search(this.#directory.primary, { base, scope: 'sub', filter, attributes: policyAttributes });
    if (found.kind !== 'done') return found;
    const named = found.value.find(({ dn }) => leafOf(dn)?.login.toLowerCase() === 'default');
    return done(named === undefined ? strictest(found.value.map(policyFrom)) : policyFrom(named));
  }

  /** 0 = no lockout, for certain. `undefined` = cannot be read, and the engine then risks nothing. */
  async threshold(policy: Policy | undefined): Promise<number | undefined> {
    if (policy !== undefined) return policy.lockout ? policy.maxFailure : 0;
    const abilities = await this.#directory.abilities();
    return abilities?.openldap === true && !abilities.controls.has(oids.passwordPolicy) ? 0 : undefined;
  }
}

export function passwordPolicyFrom(policy: Policy | undefined): PasswordPolicy {
  if (policy === undefined) return {};
  return {
    ...(policy.minLength > 0 ? { minLength: policy.minLength } : {}),
    ...(policy.maxLength > 0 ? { maxLength: policy.maxLength } : {}),
    ...(policy.classes > 1 ? { classes: policy.classes } : {}),
    ...(policy.history > 0 ? { history: policy.history } : {}),
    ...(policy.minAgeSeconds > 0 ? { minAgeSeconds: policy.minAgeSeconds } : {}),
  };
}

/**
 * Failures older than the interval count no more; with no interval only a success clears them. `now` is the server's clock, or ours.
 * Failures travel: those on the writable server reach every replica and count there too, so a replica is given both lists.
 */
export function lockoutFrom(
  seen: readonly Pick<AccountEntry, 'failures' | 'failureCount'>[],
  policy: Policy | undefined,
  threshold: number | undefined,
  now: Date,
): Lockout {
  const window = policy?.failureSeconds ?? 0;
  const since = window === 0 ? Number.NEGATIVE_INFINITY : now.getTime() - window * 1000;
  const stamps = new Set(seen.flatMap(({ failures }) => failures ?? []));
  const recent = [...stamps].filter((stamp) => (fromGeneralizedTime(stamp)?.getTime() ?? Number.POSITIVE_INFINITY) >= since).length;
  const counted = seen.flatMap(({ failureCount: count }) =>
    count === undefined || (count.forgottenAt !== undefined && count.forgottenAt <= now) ? [] : [count.failures],
  );
  const failures = seen.some((each) => each.failures === undefined) ? undefined : Math.max(recent, ...counted);
  return { threshold, failures, resetsOnSuccess: true, ...(window > 0 ? { windowSeconds: window } : {}) };
}

/** An expired lock is no lock; with no duration only an administrator (or a reset) lifts it. */
export function isUsable(
  entry: Pick<AccountEntry, 'adminLocked' | 'lockedAt' | 'failureCount'>,
  policy: Policy | undefined,
  now: Date,
): boolean {
  // There an administrator's lock holds whatever the policy says.
  if (entry.failureCount !== undefined)
    return !entry.adminLocked && (policy?.lockout === false || !isLockedByFailures(entry.failureCount, policy?.maxFailure, now));
  if (policy !== undefined && !policy.lockout) return true;
  if (entry.adminLocked) return false;
  if (entry.lockedAt === undefined) return true;
  const seconds = policy?.lockoutSeconds ?? 0;
  return seconds > 0 && entry.lockedAt.getTime() + seconds * 1000 <= now.getTime();
}
