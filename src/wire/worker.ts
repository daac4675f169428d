// The worker of one process: lanes, reconciler and due clocks wired to store, seal and systems. Part of the composition.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Breaker } from '../engine/breaker.ts';
import { GroupCommit } from '../engine/group-commit.ts';
import { Pace } from '../engine/pace.ts';
import type { Engine, EngineHandlers } from '../engine/port.ts';
import { advance } from '../execute/advance.ts';
import type { Settings } from '../execute/lane-hands.ts';
import type { Claim, Escrow, LaneStore, ResolveDoubt, Transition, VerifyItem } from '../execute/port.ts';
import type { RunStore } from '../execute/run-port.ts';
import { workLane } from '../execute/work-lane.ts';
import type { Connection } from '../kit/connector.ts';
import type { Secret } from '../kit/secret.ts';
import { secretOf } from '../seal/secret.ts';
import { canaryRecord } from '../store/canary.ts';
import { commitTransitions } from '../store/commit-transitions.ts';
import { isRetryable } from '../store/driver-problem.ts';
import { laneStore } from '../store/lanes.ts';
import type { Store } from '../store/sql.ts';
import { SpentBudget } from '../verify/budget.ts';
import { CanaryWatch, provedBy } from '../verify/canary-watch.ts';
import { resolveDoubt } from '../verify/resolve-doubt.ts';
import { verifyItem } from '../verify/verify-item.ts';
import type { OpenSystem } from './connections.ts';

export type WorkerDeps = {
  readonly store: Store;
  readonly runs: RunStore;
  readonly engine: Engine;
  readonly connections: { open(system: string): Promise<Pick<OpenSystem, 'connection' | 'limits' | 'paths'>> };
  /** Left out: the lanes of the store. */
  readonly lanes?: LaneStore;
  readonly escrow: Escrow;
  readonly settings: Settings;
  readonly now: () => Date;
};

/** Refused logins are remembered for half an hour: longer than the observation window of the policies met in the field. */
const lockoutWindowMs = 30 * 60_000;

export function lanesOf(store: Store): LaneStore {
  const commit = new GroupCommit<Transition>((batch) => retried(() => commitTransitions(store, batch)), { inFlight: store.flushes });
  return laneStore(store, (transition) => commit.push(transition));
}

/** A deadlock or a serialisation failure rolled the batch back whole: the same batch is written again. */
async function retried<T>(write: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await write();
    } catch (error) {
      if (!isRetryable(error) || tries === 5) throw error;
    }
  }
}

export function workerOf(deps: WorkerDeps): EngineHandlers {
  const lanes = deps.lanes ?? lanesOf(deps.store);
  const spent = new SpentBudget(lockoutWindowMs, () => performance.now());
  const canaries = new CanaryWatch(canaryRecord(deps.store));
  const worker = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
  const reconcile = (run: string): Promise<void> =>
    advance({ runs: deps.runs, sendLane: (lane) => deps.engine.sendLane(lane), now: deps.now }, run);
  const work = {
    store: lanes,
    escrow: deps.escrow,
    worker,
    openSystem: (system: string) => deps.connections.open(system),
    verifier: (claim: Claim) => verifierOf(deps, claim, { spent, canaries }),
    resolver: (claim: Claim) => resolverOf(deps, claim, spent),
    pace: (limits: { concurrency: number; perSecond: number }) => new Pace(limits),
    breaker: () => new Breaker(deps.settings.breaker),
    settings: deps.settings,
    now: deps.now,
  };
  return {
    drain: async (lane, signal) => {
      const run = await workLane(work, lane, signal);
      if (run !== undefined && !signal.aborted) await deps.engine.sendAdvance(run);
    },
    advance: reconcile,
    housekeep: async () => {
      for (const run of await deps.runs.reopenDue(deps.now())) await deps.engine.sendAdvance(run);
      for (const run of await deps.runs.running()) await deps.engine.sendAdvance(run);
    },
  };
}

function verifierOf(deps: WorkerDeps, claim: Claim, own: { spent: SpentBudget; canaries: CanaryWatch }): VerifyItem {
  return async ({ item, connection, fresh, olds, changedAfter, onlyOurs, proved, pace }) => {
    const standing = await own.canaries.standing(claim.runKey, claim.system);
    // Without the old secret the canary is half of the proof: its turn comes first.
    if (olds.length === 0 && !item.canary && standing.kind === 'open')
      return { cells: [], lines: [], again: { afterMs: 300, why: `waits for the canary of ${claim.system}` } };
    const { paths } = await deps.connections.open(claim.system);
    return verifyItem({
      account: item.ref,
      connection,
      paths: await paths(),
      fresh,
      olds: olds.map((o) => o.secret),
      nonsense: await nonsenseFor(deps, claim.system, connection),
      changedAfter,
      onlyOurs,
      proved,
      spent: own.spent,
      canaryProved: provedBy(standing),
      now: deps.now,
      pace,
    });
  };
}

/** A control of another form than the secret (a password where a key is asked for) would be turned away before it was looked at. */
async function nonsenseFor(deps: WorkerDeps, system: string, { secretForm }: Connection): Promise<Secret> {
  return secretForm === undefined ? deps.escrow.nonsense(system) : secretOf('nonsense', await secretForm.nonsense());
}

function resolverOf(deps: WorkerDeps, { system }: Claim, spent: SpentBudget): ResolveDoubt {
  return async ({ item, connection, candidate, previous }) => {
    const nonsense = await nonsenseFor(deps, system, connection);
    return resolveDoubt({ account: item.ref, connection, candidate, previous, nonsense, blocked: item.blocked, spent, now: deps.now });
  };
}
