// The password policy that holds for an account: its own (pwdPolicySubentry), else the default. Read once a minute, never per account.
import { done, type Lockout, type Outcome, type PasswordPolicy } from '../../kit/kit.ts';
import { leafOf, normalDn } from '../../protocols/ldap/dn.ts';
import { equal, present } from '../../protocols/ldap/filter.ts';
import { type Entry, firstOf, oids } from '../../protocols/ldap/message.ts';
import { fromGeneralizedTime } from '../../protocols/ldap/time.ts';
import type { AccountEntry } from './account.ts';
import type { Directory } from './directory.ts';

export type Policy = {
  readonly dn: string;
  readonly minLength: number;
  readonly maxLength: number;
  readonly history: number;
  readonly minAgeSeconds: number;
  /** Without it the server honours no lock at all, also none set by an administrator. */
  readonly lockout: boolean;
  readonly maxFailure: number;
  readonly failureSeconds: number;
  readonly lockoutSeconds: number;
  readonly mustChange: boolean;
};

const attributes = [
  'pwdMinLength',
  'pwdMaxLength',
  'pwdInHistory',
  'pwdMinAge',
  'pwdLockout',
  'pwdMaxFailure',
  'pwdFailureCountInterval',
  'pwdLockoutDuration',
  'pwdMustChange',
];

export function policyFrom(entry: Entry): Policy {
  const number = (type: string) => Number(firstOf(entry, type) ?? 0);
  return {
    dn: entry.dn,
    minLength: number('pwdMinLength'),
    maxLength: number('pwdMaxLength'),
    history: number('pwdInHistory'),
    minAgeSeconds: number('pwdMinAge'),
    lockout: firstOf(entry, 'pwdLockout') === 'TRUE',
    maxFailure: number('pwdMaxFailure'),
    failureSeconds: number('pwdFailureCountInterval'),
    lockoutSeconds: number('pwdLockoutDuration'),
    mustChange: firstOf(entry, 'pwdMustChange') === 'TRUE',
  };
}

/** Several policies and no word which is the default: what satisfies all of them is right under each. */
export function strictest(policies: readonly Policy[]): Policy | undefined {
  const [first] = policies;
  if (first === undefined) return undefined;
  const most = (of: (policy: Policy) => number) => Math.max(...policies.map(of));
  const least = (of: (policy: Policy) => number) =>
    Math.min(...policies.map(of).filter((n) => n > 0), Number.MAX_SAFE_INTEGER) % Number.MAX_SAFE_INTEGER;
  const any = (of: (policy: Policy) => boolean) => policies.some(of);
  const unlimited = (of: (policy: Policy) => number) => (policies.some((policy) => of(policy) === 0) ? 0 : most(of));
  return {
    dn: first.dn,
    minLength: most((p) => p.minLength),
    maxLength: least((p) => p.maxLength),
    history: most((p) => p.history),
    minAgeSeconds: most((p) => p.minAgeSeconds),
    lockout: any((p) => p.lockout && p.maxFailure > 0) || policies.every((p) => p.lockout),
    maxFailure: least((p) => (p.lockout ? p.maxFailure : 0)),
    failureSeconds: unlimited((p) => p.failureSeconds),
    lockoutSeconds: unlimited((p) => p.lockoutSeconds),
    mustChange: any((p) => p.mustChange),
  };
}

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
    const policy = dn === undefined ? this.#default() : this.#read(dn);
    this.#kept.set(key, { at: Date.now(), policy });
    void policy.then((outcome) => outcome.kind === 'done' || this.#kept.delete(key));
    return policy;
  }

  async #read(dn: string): Promise<Outcome<Policy | undefined>> {
    const found = await this.#directory.search(this.#directory.primary, {
      base: dn,
      scope: 'base',
      filter: present('objectClass'),
      attributes,
    });
    if (found.kind !== 'done') return found;
    return done(found.value[0] === undefined ? undefined : policyFrom(found.value[0]));
  }

  /** The configured one; else the only one below base; else the one named `default`; else the strictest of all. */
  async #default(): Promise<Outcome<Policy | undefined>> {
    const { base, policyDn } = this.#directory.settings;
    if (policyDn !== undefined) return this.#read(policyDn);
    const filter = equal('objectClass', 'pwdPolicy');
    const found = await this.#directory.search(this.#directory.primary, { base, scope: 'sub', filter, attributes });
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
    ...(policy.history > 0 ? { history: policy.history } : {}),
    ...(policy.minAgeSeconds > 0 ? { minAgeSeconds: policy.minAgeSeconds } : {}),
  };
}

/**
 * Failures older than the interval count no more; with no interval only a success clears them. `now` is the server's clock, or ours.
 * Failures travel: those on the writable server reach every replica and count there too, so a replica is given both lists.
 */
export function lockoutFrom(
  seen: readonly Pick<AccountEntry, 'failures'>[],
  policy: Policy | undefined,
  threshold: number | undefined,
  now: Date,
): Lockout {
  const window = policy?.failureSeconds ?? 0;
  const since = window === 0 ? Number.NEGATIVE_INFINITY : now.getTime() - window * 1000;
  const stamps = new Set(seen.flatMap(({ failures }) => failures ?? []));
  const recent = [...stamps].filter((stamp) => (fromGeneralizedTime(stamp)?.getTime() ?? Number.POSITIVE_INFINITY) >= since).length;
  const failures = seen.some((each) => each.failures === undefined) ? undefined : recent;
  return { threshold, failures, resetsOnSuccess: true, ...(window > 0 ? { windowSeconds: window } : {}) };
}

/** An expired lock is no lock; with no duration only an administrator (or a reset) lifts it. */
export function isUsable(entry: Pick<AccountEntry, 'adminLocked' | 'lockedAt'>, policy: Policy | undefined, now: Date): boolean {
  if (policy !== undefined && !policy.lockout) return true;
  if (entry.adminLocked) return false;
  if (entry.lockedAt === undefined) return true;
  const seconds = policy?.lockoutSeconds ?? 0;
  return seconds > 0 && entry.lockedAt.getTime() + seconds * 1000 <= now.getTime();
}
