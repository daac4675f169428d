// All that the steps of one lane share: its claim, its open connections, its pace.
import type { ItemState } from '../domain/item.ts';
import { strategyOf, type WriteStrategy } from '../domain/strategy.ts';
import type { Cell } from '../domain/verdict.ts';
import type { Probed } from '../kit/capability.ts';
import { type Connection, can } from '../kit/connector.ts';
import type { Fault, Outcome } from '../kit/outcome.ts';
import type { Secret } from '../kit/secret.ts';
import type { LaneTimes } from './lane-times.ts';
import type { Claim, Escrow, LaneStore, ResolveDoubt, Transition, VerifyItem, WorkItem } from './port.ts';

/** The engine's pace and breaker, as the steps need them. */
export interface LanePace {
  /** Among those who wait, the item in hand the longest goes first. `since`: when it was taken up. */
  enter(since: number): Promise<void>;
  report(signal: { kind: 'ok'; ms: number } | { kind: 'slow' } | { kind: 'throttled'; retryAfterMs?: number }): void;
}
export interface LaneBreaker {
  readonly state:
    | { readonly kind: 'closed' }
    | { readonly kind: 'open'; readonly untilMs: number; readonly reason: string }
    | { readonly kind: 'given-up'; readonly reason: string };
  success(): void;
  failure(reason: string): void;
}

export type Settings = {
  /** How long a consumer may take to be seen on the new credential. */
  readonly adoptionMs: number;
  /** How long an item may wait inside a run for a replica, a session or a residual clock before it is parked. */
  readonly patienceMs: number;
  /** When a system is stopped; left out: the engine's own limits. */
  readonly breaker?: { readonly failures: number; readonly coolMs: number; readonly trials: number };
};

/** Not an error: this worker no longer holds the lane and must touch nothing more. */
export class LaneLost extends Error {
  constructor(claim: Claim) {
    super(`lane ${claim.lane} is held by another worker`);
    this.name = 'LaneLost';
  }
}

export type LaneHands = {
  readonly claim: Claim;
  readonly store: LaneStore;
  readonly escrow: Escrow;
  readonly connection: Connection;
  readonly openStore: (system: string) => Promise<Connection>;
  readonly verify: VerifyItem;
  readonly resolve: ResolveDoubt;
  readonly pace: LanePace;
  readonly breaker: LaneBreaker;
  readonly settings: Settings;
  readonly now: () => Date;
  /** The target's clock, as far as it was measured when the lane was opened. */
  readonly targetNow: () => Date;
  /** Throws LaneLost when the last confirmed heartbeat is older than the lease: the last check before every target write. */
  readonly assertHeld: () => void;
  /** Policies read when the lane was opened, and one read again after a refusal. */
  readonly policies: unknown[];
  readonly times: LaneTimes;
};

/** How every secret of this lane is replaced: the answer the plan gave, from the same connector and the same mode. */
export function strategyOfLane(hands: Pick<LaneHands, 'connection' | 'claim'>): WriteStrategy | undefined {
  return strategyOf((capability) => can(hands.connection, capability), hands.claim.mode);
}

/** What a step changes beside the state. */
export type Change = Omit<Transition, 'claim' | 'item' | 'account' | 'from' | 'to' | 'open' | 'lines'> & {
  readonly open?: boolean;
  readonly lines?: readonly string[];
};
/** Steps not written yet: where the item stands in the store, and all that they change. */
export type Riding = { readonly from: ItemState; readonly change: Change };

/**
 * One item in hand; `item` is replaced at each step. `silent`: how often a path did not answer its probe. `mustChange`: whoever gets the new secret
 * must replace it. `waitedMs`: how long it was put aside. `proved`: cells of one value that need no second look while others are awaited. `riding`: steps the next commit carries.
 */
export type Held = {
  item: WorkItem;
  candidate: Secret | undefined;
  doubtTries: number;
  silent: number;
  waitedMs: number;
  mustChange?: true;
  readonly since: number;
  proved?: { readonly version: number | null; readonly cells: readonly Cell[] };
  riding?: Riding | undefined;
};

export type StepEnd =
  | { readonly kind: 'next' }
  | { readonly kind: 'again'; readonly afterMs: number; readonly why: string }
  | { readonly kind: 'stop' };
export const next: StepEnd = { kind: 'next' };
export const stop: StepEnd = { kind: 'stop' };

/** One call to the target under the lane's pace; its outcome feeds the pace and the breaker. */
export async function paced<T>(hands: LaneHands, { since }: Pick<Held, 'since'>, call: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  await hands.pace.enter(since);
  const began = performance.now();
  let outcome: Outcome<T>;
  try {
    outcome = await call();
  } catch (error) {
    // A connector that throws has a bug; the target may have seen the call.
    hands.pace.report({ kind: 'slow' });
    throw error;
  }
  if (outcome.kind === 'done') {
    const ms = performance.now() - began;
    hands.pace.report({ kind: 'ok', ms });
    hands.breaker.success();
  } else reportFault(hands, outcome.fault);
  return outcome;
}

/** How often a probe that was turned away unseen is made again before that is the answer. */
const turnedAway = 30;

/** A probe under the lane's pace. A path that does not answer slows the lane down; it never opens the breaker, which is about writes. */
export async function pacedProbe(hands: LaneHands, { since }: Pick<Held, 'since'>, probe: () => Promise<Probed>): Promise<Probed> {
  for (let tries = 1; ; tries++) {
    await hands.pace.enter(since);
    const began = performance.now();
    let probed: Probed | undefined;
    try {
      probed = await probe();
    } finally {
      hands.pace.report(signalOf(probed, performance.now() - began));
    }
    if (probed.retryAfterMs === undefined || tries >= turnedAway) return probed;
  }
}

/** A read of the target under the lane's pace. */
export async function pacedRead<T>(hands: LaneHands, held: Pick<Held, 'since'>, read: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  for (let tries = 1; ; tries++) {
    const outcome = await paced(hands, held, read);
    if (outcome.kind === 'done' || outcome.fault.code !== 'throttled' || tries >= turnedAway) return outcome;
  }
}

function signalOf(probed: Probed | undefined, ms: number): Parameters<LanePace['report']>[0] {
  if (probed?.retryAfterMs !== undefined) return { kind: 'throttled', retryAfterMs: probed.retryAfterMs };
  return probed === undefined || probed.verdict === 'indeterminate' ? { kind: 'slow' } : { kind: 'ok', ms };
}

function reportFault(hands: LaneHands, fault: Fault): void {
  switch (fault.code) {
    case 'throttled':
      hands.pace.report(fault.retryAfterMs === undefined ? { kind: 'throttled' } : { kind: 'throttled', retryAfterMs: fault.retryAfterMs });
      break;
    case 'unreachable':
    case 'auth':
    case 'permission':
      hands.pace.report({ kind: 'slow' });
      hands.breaker.failure(fault.message);
      break;
    case 'not-found':
    case 'policy':
    case 'conflict':
    case 'unsupported':
    case 'protocol':
      hands.pace.report({ kind: 'ok', ms: 1 });
      break;
  }
}
