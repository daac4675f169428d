// The password policy that holds for one account: its resultant fine-grained policy (PSO), else the domain's. Read once a minute, never per account.
import { done, type Lockout, type Outcome, type PasswordPolicy, refused } from '../../kit/kit.ts';
import { normalDn } from '../../protocols/ldap/dn.ts';
import { type Entry, firstOf } from '../../protocols/ldap/message.ts';
import type { AccountEntry } from './account.ts';
import type { Domain } from './domain.ts';
import { secondsOf } from './filetime.ts';

export type Policy = {
  readonly dn: string;
  readonly minLength: number;
  readonly complex: boolean;
  readonly history: number;
  readonly minAgeSeconds: number;
  readonly threshold: number;
  readonly windowSeconds: number;
};

const complexity = 0x1;
const domainAttributes = ['minPwdLength', 'pwdProperties', 'pwdHistoryLength', 'minPwdAge', 'lockoutThreshold', 'lockOutObservationWindow'];
const psoAttributes = [
  ...['msDS-MinimumPasswordLength', 'msDS-PasswordComplexityEnabled', 'msDS-PasswordHistoryLength', 'msDS-MinimumPasswordAge'],
  ...['msDS-LockoutThreshold', 'msDS-LockoutObservationWindow'],
];

export function domainPolicyFrom(entry: Entry): Policy {
  const number = (type: string) => Number(firstOf(entry, type) ?? 0);
  return {
    dn: entry.dn,
    minLength: number('minPwdLength'),
    complex: (number('pwdProperties') & complexity) !== 0,
    history: number('pwdHistoryLength'),
    minAgeSeconds: secondsOf(firstOf(entry, 'minPwdAge')),
    threshold: number('lockoutThreshold'),
    windowSeconds: secondsOf(firstOf(entry, 'lockOutObservationWindow')),
  };
}

/** `undefined` when the PSO does not show its values: on Windows they are for administrators until somebody grants read. */
export function psoFrom(entry: Entry): Policy | undefined {
  const [length, complex, history, age, threshold, window] = psoAttributes.map((type) => firstOf(entry, type));
  if (length === undefined || threshold === undefined) return undefined;
  return {
    dn: entry.dn,
    minLength: Number(length),
    complex: complex === 'TRUE',
    history: Number(history ?? 0),
    minAgeSeconds: secondsOf(age),
    threshold: Number(threshold),
    windowSeconds: secondsOf(window),
  };
}

const keepMs = 60_000;
const maxSeen = 20_000;

export class Policies {
  readonly #domain: Domain;
  readonly #seen = new Map<string, { readonly at: number; readonly pso: string | undefined }>();
  readonly #kept = new Map<string, { readonly at: number; readonly policy: Promise<Outcome<Policy>> }>();

  constructor(domain: Domain) {
    this.#domain = domain;
  }

  /** `pso`: the account's msDS-ResultantPSO; without one the domain's own policy holds. */
  of(pso: string | undefined): Promise<Outcome<Policy>> {
    const key = pso === undefined ? '' : normalDn(pso);
    const kept = this.#kept.get(key);
    if (kept !== undefined && Date.now() - kept.at < keepMs) return kept.policy;
    const policy = this.#read(pso);
    this.#kept.set(key, { at: Date.now(), policy });
    void policy.then(({ kind }) => kind === 'done' || this.#kept.delete(key));
    return policy;
  }

  /** A read has just shown which policy holds for this account. */
  saw(guid: string, pso: string | undefined): void {
    if (this.#seen.size >= maxSeen) this.#seen.clear();
    this.#seen.set(guid, { at: Date.now(), pso });
  }

  /** Where failed logins never lock, how many there were does not matter: no read for each account. */
  async neverLocks(guid: string): Promise<boolean> {
    const seen = this.#seen.get(guid);
    if (seen === undefined || Date.now() - seen.at >= keepMs) return false;
    const policy = await this.of(seen.pso);
    return policy.kind === 'done' && policy.value.threshold === 0;
  }

  async #read(pso: string | undefined): Promise<Outcome<Policy>> {
    const pdc = await this.#domain.pdc();
    if (pdc.kind !== 'done') return pdc;
    const root = await this.#domain.root(pdc.value);
    if (root.kind !== 'done') return root;
    const read = await this.#domain.entry(pdc.value, pso ?? root.value.domain, pso === undefined ? domainAttributes : psoAttributes);
    if (read.kind !== 'done') return read;
    const policy = read.value === undefined ? undefined : pso === undefined ? domainPolicyFrom(read.value) : psoFrom(read.value);
    const where = pso ?? 'the domain';
    return policy === undefined
      ? refused('permission', `The password policy of ${where} cannot be read: grant Rekey's account read on it.`)
      : done(policy);
  }
}

/** An administrator's reset is held to length and complexity, not to history and age; those are told for who chooses values by hand. */
export function passwordPolicyFrom(policy: Policy): PasswordPolicy {
  return {
    ...(policy.minLength > 0 ? { minLength: policy.minLength } : {}),
    maxLength: 127,
    ...(policy.complex ? { classes: 3 } : {}),
    ...(policy.history > 0 ? { history: policy.history } : {}),
  };
}

type Counted = Pick<AccountEntry, 'failures' | 'failedAt'>;

/** A count whose window has passed is begun anew by the next failure. */
export function failuresOn({ failures, failedAt }: Counted, windowSeconds: number, now: Date): number | undefined {
  if (failures === undefined || failures === 0) return failures;
  const over = failedAt !== undefined && windowSeconds > 0 && failedAt.getTime() + windowSeconds * 1000 <= now.getTime();
  return over ? 0 : failures;
}

/**
 * Windows controllers pass every failure on to the PDC emulator as well: the higher of the two counts is the one that may lock. A controller on which
 * nothing ever failed has no count at all; that Rekey's account may read it shows on the other.
 */
export function lockoutFrom(seen: readonly Counted[], policy: Policy | undefined, now: Date): Lockout {
  const window = policy?.windowSeconds ?? 0;
  const counts = seen.map((each) => failuresOn(each, window, now));
  const known = counts.filter((each) => each !== undefined);
  return {
    threshold: policy?.threshold,
    failures: known.length === 0 ? undefined : Math.max(0, ...known),
    resetsOnSuccess: true,
    ...(window > 0 ? { windowSeconds: window } : {}),
  };
}

/** What the controller would refuse by length, complexity or the account's name: told before a throw-away value goes out. */
export function objection(policy: Policy, text: string, names: readonly string[]): string | undefined {
  if (text.length < policy.minLength) return `it has fewer than ${policy.minLength} characters`;
  if (!policy.complex) return undefined;
  const classes = [/\p{Lu}/u, /\p{Ll}/u, /\d/, /[^\p{L}\d]/u].filter((each) => each.test(text)).length;
  if (classes < 3) return 'it has fewer than three classes of characters';
  const lower = text.toLowerCase();
  return names.some((name) => name.length > 2 && lower.includes(name.toLowerCase())) ? 'it holds the name of the account' : undefined;
}
