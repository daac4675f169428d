// What claims need of the store. A claim and its audit entry are committed together, and read back, before anything is opened.
import type { Paged } from '../domain/view.ts';
import type { DeliveryAccount } from './port.ts';

export const claimStates = ['waiting', 'revealed', 'used', 'expired', 'withdrawn', 'not-ready'] as const;
/**
 * `revealed`: shown, and the same session may show it again. `used`: shown, and that time is over or the person said it is saved.
 * `withdrawn`: a later reset replaced it. `not-ready`: whether a newer version is in place is in doubt.
 */
export type ClaimState = (typeof claimStates)[number];

/** One person's claim on one version. Null where nothing happened yet. */
export type ClaimRow = {
  readonly opensAt: Date;
  readonly revealedAt: Date | null;
  readonly revealedUntil: Date | null;
  readonly session: string | null;
  readonly reveals: number;
  readonly keptAt: Date | null;
};

export type ClaimKey = { readonly account: string; readonly version: number; readonly person: string };

/** An account of a person whose live version Rekey set. `claim` null = nothing happened yet. */
export type Claimable = {
  readonly account: DeliveryAccount;
  readonly version: number;
  readonly setAt: Date;
  /** A newer version may be in place already. */
  readonly doubt: boolean;
  readonly claim: ClaimRow | null;
};
/** Of one person who may fetch the account's live version, or did. A claim nobody touched yet opens at `setAt`. */
export type AccountClaim = Omit<Claimable, 'account' | 'claim'> & { readonly person: string; readonly claim: ClaimRow };
export type RunClaim = {
  readonly system: string;
  readonly account: string;
  readonly person: string | null;
  readonly version: number;
  readonly current: boolean;
  readonly claim: ClaimRow;
};
export type ClaimCounts = Readonly<Record<Exclude<ClaimState, 'not-ready'>, number>>;

export interface ClaimStore {
  mine(person: string, page: { readonly cursor?: string; readonly limit: number }): Promise<Paged<Claimable>>;
  one(person: string, account: string): Promise<Claimable | undefined>;
  /** By person. None where no version of ours is live. */
  ofAccount(account: string): Promise<readonly AccountClaim[]>;
  /**
   * Locks the claim (a new one opens at `setAt`), asks `decide`, keeps what it says with its lines. Resolved = committed and seen by a read outside the
   * writing transaction.
   */
  change<T>(
    key: ClaimKey,
    setAt: Date,
    decide: (claim: ClaimRow) => { readonly next?: ClaimRow; readonly lines: readonly string[]; readonly result: T },
  ): Promise<T>;
  /** Counts one attempt; false when there were `perHour` within the hour already. */
  spend(who: string, now: Date, perHour: number): Promise<boolean>;
  /** Per item of a run whose value is in place: who fetched it. `own`: only what this identity owns or uses. */
  ofRun(run: string, own: string | null, page: { readonly cursor?: string; readonly limit: number }): Promise<Paged<RunClaim>>;
  countsOfRun(run: string, own: string | null, now: Date, windowMs: number): Promise<ClaimCounts>;
}

export interface FetchStore {
  /** Notes the fetch of a workload and its audit lines together. Resolved = committed and seen by a read outside the writing transaction. */
  record(fetched: { account: string; version: number; workload: string; at: Date }, lines: readonly string[]): Promise<void>;
}
