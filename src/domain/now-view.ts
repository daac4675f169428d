// The commander's picture: what the attacker can still use, where the run is, what needs somebody, which system is in trouble. Null is "not known".
import type { ItemState } from './item.ts';
import type { OldSecret } from './old-secret.ts';
import type { ProgressSums } from './progress.ts';
import type { LaneState, RunState, WaveState } from './run.ts';

/** How a system stands in one run. `since`: when its oldest open trouble began. */
export type RunSystemView = {
  readonly system: string;
  readonly tier: number;
  readonly total: number;
  readonly counts: Partial<Record<ItemState, number>>;
  readonly old: Partial<Record<OldSecret, number>>;
  readonly parked: number;
  readonly state: LaneState | null;
  readonly reason: string | null;
  readonly since: string | null;
  readonly perSecond: number | null;
};
/** One line that waits for a person: what, why, since when, by whom, and what ends it. */
export type NeedView = {
  readonly kind: 'paused' | 'held' | 'halted' | 'in-doubt' | 'failed' | 'parked' | 'approve' | 'by-hand' | 'consumer';
  readonly what: string;
  readonly why: string | null;
  readonly since: string | null;
  readonly by: string | null;
  readonly ends: string;
  readonly count: number;
  /** It is the caller's own to do. */
  readonly mine: boolean;
  readonly plan: string | null;
  readonly run: string | null;
  readonly system: string | null;
  readonly state: ItemState | null;
};
export type TimelineView = {
  readonly at: string;
  readonly kind: string;
  readonly text: string;
  readonly by: string | null;
};
export type NowRunView = {
  readonly id: string;
  readonly plan: string;
  readonly name: string;
  readonly incident: string | null;
  readonly state: RunState;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly startedBy: string;
  readonly halt: { readonly by: string; readonly reason: string; readonly at: string } | null;
  readonly predicted: { readonly low: number; readonly high: number } | null;
};
export type NowView = {
  readonly at: string;
  readonly estate: {
    readonly systems: number;
    readonly accounts: number;
    readonly discovered: number;
    readonly plans: number;
    readonly runs: number;
    /** Named in a leak, and no run has reset them since. */
    readonly exposedLeft: number;
  };
  /** The run under way, else the last one. */
  readonly run: NowRunView | null;
  /** Every run under way, newest first: what Pause acts on. */
  readonly active: readonly NowRunView[];
  readonly total: number;
  readonly old: Partial<Record<OldSecret, number>>;
  readonly tier0: { readonly total: number; readonly open: number } | null;
  readonly sessions: {
    /** Accounts whose sessions from before are not ended yet. */
    readonly notEnded: number;
    /** Accounts with a clock, and when the last of them runs out. */
    readonly residual: number;
    readonly until: string | null;
    readonly why: readonly { readonly why: string; readonly count: number }[];
    /** Systems of the run whose sessions Rekey cannot end. */
    readonly cannotEnd: readonly string[];
  } | null;
  readonly waves: readonly {
    readonly n: number;
    readonly name: string;
    readonly state: WaveState;
    readonly reason: string | null;
    readonly progress: ProgressSums;
  }[];
  readonly systems: readonly RunSystemView[];
  readonly needs: readonly NeedView[];
  readonly consumers: { readonly total: number; readonly adopted: number; readonly failed: number };
  readonly people: { readonly total: number; readonly done: number; readonly open: number };
  /** People whose own new secret is in place, and how many of them have fetched it. */
  readonly delivery: { readonly people: number; readonly fetched: number };
  readonly exposure: { readonly firstDenied: number | null; readonly p50: number | null; readonly p95: number | null };
  readonly timeline: readonly TimelineView[];
};
