// What the API, the CLI, the console and scripts see of the estate. Names are fixed; a secret never stands in any of these.
import type { Kind, Managed } from './account.ts';
import type { ConsumerState } from './consumer.ts';
import type { ItemState } from './item.ts';
import type { PersonVerdict } from './person.ts';
import type { ProgressSums } from './progress.ts';
import type { LaneState, Mode, RunState, WaveState } from './run.ts';
import type { United } from './united.ts';
import type { CellVerdict, Level } from './verdict.ts';

export type Paged<T> = { readonly items: readonly T[]; readonly cursor?: string };

export type ConsumerView = {
  readonly consumer: string;
  readonly store: string;
  readonly ref: string;
  readonly owner: string | null;
  readonly state: ConsumerState;
};

export type AccountView = {
  readonly system: string;
  readonly account: string;
  readonly id: string;
  readonly identity: string | null;
  /** Whose account it is, as the estate file's rules or an import tell. */
  readonly person: string | null;
  /** Why that cannot be told, where attributes fit more than one person. */
  readonly personWhy: string | null;
  readonly kind: Kind;
  readonly owner: string | null;
  readonly managed: Managed;
  readonly tier: number;
  readonly tags: readonly string[];
  readonly privileged: boolean;
  readonly shared: boolean;
  readonly enabled: boolean;
  readonly exposed: boolean;
  readonly lastChangedAt: string | null;
  readonly version: number;
  readonly consumers: readonly ConsumerView[];
  /** Reasons why a plan would refuse this account ("no-owner", "two-owners", "owner-disabled", "shared"). */
  readonly blockers: readonly string[];
};

/** An account's part in one run. */
export type AccountRunView = {
  readonly run: string;
  readonly plan: string;
  readonly startedAt: string;
  readonly state: ItemState;
  readonly wave: number;
  readonly version: number | null;
  readonly at: string;
  readonly error: string | null;
  readonly residualUntil: string | null;
};

export type CheckView = {
  readonly system: string;
  readonly id: string;
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly message: string;
  readonly next: string | null;
};

export type ImportReport = {
  readonly rows: number;
  readonly imported: number;
  readonly problems: readonly { place: string; message: string; hint: string }[];
};

export type PlanWaveView = {
  readonly n: number;
  readonly name: string;
  readonly mode: Mode;
  readonly items: number;
  /** Tasks for people; the run does not wait for them. */
  readonly byHand: number;
  readonly systems: readonly { readonly system: string; readonly items: number; readonly seconds: number }[];
  readonly seconds: number;
};
export type ReasonCount = { readonly reason: string; readonly count: number; readonly sample: readonly string[]; readonly hint: string };
/** What one sync group means for a plan. `takes: own`: the target makes its value itself. */
export type PlanSyncView = {
  readonly name: string;
  readonly systems: readonly { readonly system: string; readonly takes: 'value' | 'own'; readonly policy: string }[];
  /** What all of them allow, as read when the plan was made; null where there is nothing that they all allow. */
  readonly form: United | null;
  readonly accounts: number;
  readonly order: string;
};
export type PlanView = {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  readonly estate: string;
  readonly where: string;
  readonly reason: string;
  readonly incident: string | null;
  readonly mode: Mode;
  readonly rollback: boolean;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string;
  readonly totals: {
    readonly selected: number;
    readonly rotate: number;
    readonly contain: number;
    /** Tasks for people: not covered until their owners sign. */
    readonly byHand: number;
    readonly blocked: number;
    readonly skipped: number;
    readonly tier0: number;
    readonly consumers: number;
    readonly unknownConsumers: number;
    readonly oldKnown: number;
  };
  readonly waves: readonly PlanWaveView[];
  readonly blockers: readonly ReasonCount[];
  readonly notCovered: readonly ReasonCount[];
  readonly warnings: readonly string[];
  readonly sync: readonly PlanSyncView[];
  readonly people: { readonly count: number; readonly further: number; readonly sample: readonly string[] };
  readonly predicted: { readonly seconds: number; readonly low: number; readonly high: number };
  readonly approvals: {
    readonly needed: number;
    readonly given: readonly { readonly name: string; readonly method: string; readonly at: string }[];
    /** While one of these stands, the plan is not started. */
    readonly refused: readonly { readonly name: string; readonly reason: string; readonly at: string }[];
  };
};
export type PlanItemView = {
  readonly wave: number;
  readonly system: string;
  readonly account: string;
  readonly action: 'rotate' | 'contain' | 'by-hand' | 'blocked' | 'skip';
  readonly reason: string | null;
  /** What a person has to do, exactly; null where Rekey does it. */
  readonly byHand: string | null;
  readonly tier: number;
  readonly kind: Kind;
  readonly owner: string | null;
  readonly consumers: number;
  readonly oldKnown: boolean;
  readonly person: string | null;
  /** The sync group whose shared value it gets. */
  readonly sync: string | null;
};

export type CellSums = {
  readonly proved: number;
  readonly inferred: number;
  readonly residual: number;
  readonly notProved: number;
  readonly excepted: number;
};
export type RunView = {
  readonly id: string;
  readonly plan: string;
  readonly planHash: string;
  readonly state: RunState;
  readonly mode: Mode;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly startedBy: string;
  readonly halt: { readonly by: string; readonly reason: string; readonly at: string } | null;
  readonly counts: Partial<Record<ItemState, number>>;
  readonly progress: ProgressSums;
  readonly parked: number;
  readonly cells: CellSums & {
    /** Said by an owner, not proved. */
    readonly signed: number;
  };
  readonly consumers: Partial<Record<ConsumerState, number>>;
  readonly waves: readonly {
    readonly n: number;
    readonly name: string;
    readonly state: WaveState;
    readonly reason: string | null;
    readonly counts: Partial<Record<ItemState, number>>;
    readonly progress: ProgressSums;
  }[];
  readonly systems: readonly {
    readonly system: string;
    readonly state: LaneState;
    readonly reason: string | null;
    readonly perSecond: number | null;
    readonly concurrency: number | null;
  }[];
  /** Seconds from the run's start until old credentials were proved denied. */
  readonly exposure: {
    readonly firstDenied: number | null;
    readonly p50: number | null;
    readonly p95: number | null;
    readonly lastDenied: number | null;
  };
  readonly failures: readonly { readonly error: string; readonly count: number; readonly sample: readonly string[] }[];
};
export type CellView = {
  readonly path: string;
  readonly replica: string;
  readonly verdict: CellVerdict;
  readonly level: Level;
  readonly code: string;
  readonly at: string;
};
export type ItemView = {
  readonly system: string;
  readonly account: string;
  readonly id: string;
  readonly credential: string;
  readonly state: ItemState;
  readonly wave: number;
  readonly version: number | null;
  readonly owner: string | null;
  readonly cells: readonly CellView[];
  readonly consumers: readonly { readonly id: string; readonly state: ConsumerState; readonly detail: string | null }[];
  readonly residual: { readonly until: string; readonly why: string } | null;
  readonly error: string | null;
};

export type PersonAccountView = {
  readonly system: string;
  readonly account: string;
  readonly id: string;
  readonly state: ItemState;
  readonly verdict: PersonVerdict;
  readonly wave: number;
  /** The sync group whose shared value it gets. */
  readonly sync: string | null;
  readonly cells: CellSums;
  readonly residualUntil: string | null;
  readonly error: string | null;
};
/** A person in a run: `verdict` is the worst of `accounts`; `done` when every one of them is. */
export type PersonView = {
  readonly person: string;
  readonly verdict: PersonVerdict;
  readonly done: boolean;
  readonly cells: CellSums;
  readonly residualUntil: string | null;
  /** `behind`: accounts of the group that are not known to hold the shared value. */
  readonly sync: readonly {
    readonly group: string;
    readonly step: 'in-step' | 'not-in-step' | 'not-begun';
    readonly behind: readonly string[];
  }[];
  readonly accounts: readonly PersonAccountView[];
  /** The person's other accounts, and why this run does not touch them. */
  readonly leftOut: readonly { readonly system: string; readonly account: string; readonly why: string }[];
};
