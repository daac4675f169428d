// What starting, steering and ending a run need of the store. Each method is one transaction or joins the caller's.
import type { ItemState } from '../domain/item.ts';
import type { LaneState, Mode, RunState, WaveState } from '../domain/run.ts';
import type { Cell } from '../domain/verdict.ts';
import type { AccountRef } from '../kit/capability.ts';

export type LaneSnapshot = {
  readonly lane: string;
  readonly system: string;
  readonly state: LaneState;
  readonly stale: boolean;
  readonly open: number;
};
/** `released`: a person resumed the run at this wave, knowing what the guardrail said. */
export type WaveSnapshot = {
  readonly n: number;
  readonly name: string;
  readonly state: WaveState;
  readonly released: boolean;
  readonly lanes: readonly LaneSnapshot[];
};
/** `bad`: failed, in doubt, or parked after something was sent. `canaryBad`: canary accounts not complete or residual. */
export type SystemResult = { readonly system: string; readonly items: number; readonly bad: number; readonly canaryBad: number };
export type RunSnapshot = {
  readonly key: string;
  readonly id: string;
  readonly state: RunState;
  readonly log: number;
  readonly waves: readonly WaveSnapshot[];
};
/** Counts over every item of the run: read only where a wave begins or the run ends. `first`: how wave 0 went, per system. */
export type RunTally = {
  readonly counts: Partial<Record<ItemState, number>>;
  readonly first: readonly SystemResult[];
  readonly bad: number;
};

export type NewRun = {
  readonly id: string;
  readonly plan: string;
  readonly planHash: string;
  readonly mode: Mode;
  readonly rollback: boolean;
  readonly dataKey: string;
  readonly startedBy: string;
  readonly lines: readonly string[];
};

export interface RunStore {
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** The run that already applied this plan, if any. */
  runOf(plan: string): Promise<string | undefined>;
  /** A run that is still at work on one of the plan's accounts. */
  rival(plan: string): Promise<string | undefined>;
  /** Run, waves, lanes and items, from the stored plan. */
  insert(run: NewRun): Promise<void>;
  /** Locks the run until the transaction ends; undefined = no such run. */
  lock(run: string): Promise<RunSnapshot | undefined>;
  tally(runKey: string): Promise<RunTally>;
  setRun(run: string, state: RunState, halt: { by: string; reason: string; at: string } | null, line: string): Promise<void>;
  setWave(runKey: string, n: number, state: WaveState, reason: string | null, line: string | undefined): Promise<void>;
  /** Lets waiting waves begin although the guardrail would hold them. */
  release(runKey: string): Promise<void>;
  startLanes(runKey: string, wave: number): Promise<void>;
  /** Stops a lane for good in this run: its open items are parked with the reason. */
  haltLane(lane: string, reason: string, log: number): Promise<void>;
  /** Parks every open item of the run. */
  parkAll(runKey: string, reason: string, log: number): Promise<void>;
  /** Opens items again: failed, rolled back and parked ones start or go on; answers how many. */
  reopen(run: string, states: readonly string[], by: string): Promise<number>;
  /** Residual items whose clock ran out. */
  reopenDue(now: Date): Promise<readonly string[]>;
  running(): Promise<readonly string[]>;
  /** For the only worker of a store, at its start: whatever looked held is not. */
  forgetHolders(): Promise<void>;
  ownerOfConsumer(run: string, owner: string): Promise<boolean>;
}

export interface ExceptionStore {
  /** Writes the exception and its line, and opens the item again; false when the run has no such item, or it is not waiting for anybody. */
  accept(row: {
    readonly id: string;
    readonly run: string;
    readonly system: string;
    readonly account: string;
    readonly path: string | null;
    readonly owner: string;
    readonly reason: string;
    readonly expiresAt: Date;
    readonly line: string;
    /** The line for an item that was residual and is looked at again. */
    readonly moved: string;
  }): Promise<boolean>;
}

/** One item as signing needs it. `mark`: what the target showed of it when the plan was made. */
export type SignableItem = {
  readonly key: string;
  readonly ref: AccountRef;
  readonly state: ItemState;
  /** The owner of now, and the one the plan was made with. */
  readonly owners: readonly string[];
  readonly mark: string | null;
  readonly plannedAt: Date;
  readonly plannedBy: string;
};

export interface SignOffStore {
  find(run: string, system: string, account: string): Promise<SignableItem | undefined>;
  /** Writes signature, cell and lines, and sets an ended run going so that its end is read again; false = somebody else was first. */
  sign(row: {
    readonly id: string;
    readonly item: string;
    readonly run: string;
    readonly owner: string;
    readonly by: string;
    readonly reason: string;
    readonly cell: Cell;
    readonly lines: readonly string[];
  }): Promise<boolean>;
}
