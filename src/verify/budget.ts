// How many refused logins an account can still take. Probing must never lock anyone out: when in doubt, fewer.
import type { Lockout } from '../kit/capability.ts';

/**
 * `row`: refused logins in a row the account can take now; `resets`: an accepted login clears the target's count, so a
 * ceremony may refill it by logging in with the new secret. Infinity = the target has no lockout.
 */
export type Budget = { readonly row: number; readonly resets: boolean };

/** threshold − 2 − present count, so that one stray attempt of a real user still fits below the lock. Unreadable count and threshold ≤ 3: none. */
export function budgetOf(lockout: Lockout | undefined): Budget {
  if (lockout === undefined) return { row: 1, resets: false };
  const { threshold, failures, resetsOnSuccess } = lockout;
  if (threshold === 0) return { row: Number.POSITIVE_INFINITY, resets: resetsOnSuccess };
  if (threshold === undefined) return { row: 1, resets: resetsOnSuccess };
  if (failures === undefined) return { row: threshold <= 3 ? 0 : 1, resets: resetsOnSuccess };
  return { row: Math.max(0, threshold - 2 - failures), resets: resetsOnSuccess };
}

/** One refused login against one account and window, for every worker and probe of this process. */
export class SpentBudget {
  readonly #spent = new Map<string, { count: number; at: number }>();
  readonly #windowMs: number;
  readonly #now: () => number;

  constructor(windowMs: number, now: () => number) {
    this.#windowMs = windowMs;
    this.#now = now;
  }

  /** True = it may be spent, and is. */
  spend(account: string, budget: Budget): boolean {
    const spent = this.#current(account);
    if (spent >= budget.row) return false;
    if (Number.isFinite(budget.row)) this.#spent.set(account, { count: spent + 1, at: this.#now() });
    return true;
  }

  accepted(account: string, budget: Budget): void {
    if (budget.resets) this.#spent.delete(account);
  }

  /** What was paid for a refused login and was none. */
  refund(account: string): void {
    const entry = this.#spent.get(account);
    if (entry !== undefined) this.#spent.set(account, { ...entry, count: Math.max(0, entry.count - 1) });
  }

  /** Until the last refusal is out of the window. */
  freeInMs(account: string): number {
    const entry = this.#spent.get(account);
    return entry === undefined ? 0 : Math.max(0, entry.at + this.#windowMs - this.#now());
  }

  #current(account: string): number {
    const entry = this.#spent.get(account);
    if (entry === undefined) return 0;
    if (this.#now() - entry.at <= this.#windowMs) return entry.count;
    this.#spent.delete(account);
    return 0;
  }
}
