// One worker, one lane, from claim to finish: opens the system, drains, and leaves the lane in a state the reconciler understands.
import type { Connection } from '../kit/connector.ts';
import { type DrainEnd, drainLane } from './drain-lane.ts';
import { keepLane } from './keep-lane.ts';
import { type LaneBreaker, type LaneHands, LaneLost, type LanePace, type Settings } from './lane-hands.ts';
import { LaneTimes } from './lane-times.ts';
import type { Claim, Escrow, LaneStats, LaneStore, ResolveDoubt, VerifyItem } from './port.ts';

export type PaceReading = LanePace & { readonly perSecond: number; readonly concurrency: number };

export type WorkLane = {
  readonly store: LaneStore;
  readonly escrow: Escrow;
  readonly worker: string;
  /** Opens (or finds open) a system of the estate; throws a Problem when it cannot. */
  readonly openSystem: (
    system: string,
  ) => Promise<{ readonly connection: Connection; readonly limits: { readonly concurrency: number; readonly perSecond: number } }>;
  readonly verifier: (claim: Claim) => VerifyItem;
  readonly resolver: (claim: Claim) => ResolveDoubt;
  readonly pace: (limits: { concurrency: number; perSecond: number }) => PaceReading;
  readonly breaker: () => LaneBreaker;
  readonly settings: Settings;
  readonly now: () => Date;
};

/**
 * A heartbeat a second; the lease is 8 s, shorter than the 10 s after which a peer may take the lane: a worker that was
 * frozen finds its own lease gone before it writes again.
 */
const beatMs = 1000;
const leaseMs = 8000;

/** True = the run should be reconciled now. */
export async function workLane(deps: WorkLane, lane: string, signal: AbortSignal): Promise<string | undefined> {
  const claim = await deps.store.claim(lane, deps.worker);
  if (claim === undefined) return undefined;
  const times = new LaneTimes();
  let leased = 0;
  const beat = async (): Promise<boolean> => {
    // Dated before the question: what the store wrote down is no earlier.
    const asked = performance.now();
    const held = await deps.store.beat(claim);
    if (held) leased = asked;
    return held;
  };
  const kept = await keepLane(() => openLane(deps, claim, { times, assertHeld: () => assertLease(claim, leased) }), beat, beatMs);
  if (kept.kind === 'lost') return undefined;
  if (kept.value.kind === 'closed') {
    await halt(deps, claim, kept.value.reason);
    return claim.run;
  }
  const { limits, pace, hands } = kept.value;
  times.opened();
  const seen = (): Pick<LaneStats, 'seen'> => {
    const so = times.seen();
    return so === undefined ? {} : { seen: so };
  };
  const stats = (): LaneStats => ({
    perSecond: pace.perSecond,
    concurrency: pace.concurrency,
    ...seen(),
  });
  const end = await drainLane({
    hands,
    inFlight: inFlight(limits.concurrency),
    beatMs,
    signal,
    stats,
    beaten: () => {
      leased = performance.now();
    },
  });
  await leave(deps, claim, end, stats());
  return end.kind === 'lost' ? undefined : claim.run;
}

/** More items in flight than calls: while some wait for a COMMIT or the next list of sessions (up to half a second), others keep the target busy. */
function inFlight(concurrency: number): number {
  return Math.min(1000, Math.max(16, concurrency * 16));
}

function assertLease(claim: Claim, leased: number): void {
  if (performance.now() - leased > leaseMs) throw new LaneLost(claim);
}

async function leave(deps: WorkLane, claim: Claim, end: DrainEnd, stats: LaneStats): Promise<void> {
  switch (end.kind) {
    case 'drained':
      return deps.store.finish(claim, 'done', undefined, stats);
    case 'halted':
      await deps.store.park(claim, `system halted: ${end.reason}`);
      return deps.store.finish(claim, 'halted', end.reason, stats);
    case 'left':
      if (await deps.store.aborted(claim)) await deps.store.park(claim, 'the run was aborted');
      return deps.store.finish(claim, 'waiting', undefined, stats);
    case 'lost':
      return;
  }
}

async function halt(deps: WorkLane, claim: Claim, reason: string): Promise<void> {
  await deps.store.park(claim, `system halted: ${reason}`);
  await deps.store.finish(claim, 'halted', reason, { perSecond: 0, concurrency: 0 });
}

type OpenLane =
  | { readonly kind: 'open'; readonly limits: { readonly concurrency: number }; readonly pace: PaceReading; readonly hands: LaneHands }
  | { readonly kind: 'closed'; readonly reason: string };

async function openLane(deps: WorkLane, claim: Claim, own: Pick<LaneHands, 'times' | 'assertHeld'>): Promise<OpenLane> {
  let opened: Awaited<ReturnType<WorkLane['openSystem']>>;
  try {
    opened = await deps.openSystem(claim.system);
  } catch (error) {
    return { kind: 'closed', reason: `${claim.system} cannot be opened: ${error instanceof Error ? error.message : String(error)}` };
  }
  const pace = deps.pace(opened.limits);
  return {
    kind: 'open',
    limits: opened.limits,
    pace,
    hands: await handsOf(deps, claim, { ...own, connection: opened.connection, pace }),
  };
}

async function handsOf(
  deps: WorkLane,
  claim: Claim,
  own: Pick<LaneHands, 'connection' | 'pace' | 'times' | 'assertHeld'>,
): Promise<LaneHands> {
  const policy = await own.connection.passwordPolicy?.read();
  return {
    ...own,
    claim,
    store: deps.store,
    escrow: deps.escrow,
    openStore: async (system) => (await deps.openSystem(system)).connection,
    verify: deps.verifier(claim),
    resolve: deps.resolver(claim),
    breaker: deps.breaker(),
    settings: deps.settings,
    now: deps.now,
    targetNow: await targetClock(deps, own.connection),
    policies: policy?.kind === 'done' ? [policy.value] : [],
  };
}

/** The target's clock as an offset from ours, read once: sessions and stamps are compared with nothing else. */
async function targetClock(deps: WorkLane, connection: Connection): Promise<() => Date> {
  const replica = (await connection.state?.replicas())?.[0];
  // The first answer may hold a connection's making; the second is the time and one way there and back.
  if (replica !== undefined) await connection.state?.clock?.(replica);
  const began = deps.now().getTime();
  const theirs = replica === undefined ? undefined : await connection.state?.clock?.(replica);
  const ours = (began + deps.now().getTime()) / 2;
  const offset = theirs?.kind === 'done' ? theirs.value.getTime() - ours : 0;
  // Below the grain of their stamps it is no difference of clocks. Where stamps are exact, half a second matters: a session opened within it
  // before the change would be taken for one opened after.
  const applied = Math.abs(offset) < (connection.sessions?.grainMs ?? 0) ? 0 : offset;
  return () => new Date(deps.now().getTime() + applied);
}
