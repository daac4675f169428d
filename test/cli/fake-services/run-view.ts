// A run of the small house, as people read it; it moves forward each time it is looked at.
import { type ItemState, isTerminal } from '../../../src/domain/item.ts';
import { progressSums } from '../../../src/domain/progress.ts';
import { endOf, isEnded } from '../../../src/domain/run.ts';
import type { RunView } from '../../../src/domain/view.ts';
import { type AllOptions, at, type Run } from './state.ts';

export function advance(run: Run, options: AllOptions): void {
  if (run.state !== 'running') return;
  if (options.haltedBy !== undefined && run.settled > 0) {
    run.state = 'paused';
    run.halt = { by: options.haltedBy, reason: 'the failure budget of wave 2 is used up', at };
    return;
  }
  for (const last = Math.min(run.items.length, run.settled + options.step); run.settled < last; run.settled += 1) {
    run.items[run.settled] = options.ends[run.settled] ?? 'complete';
  }
  if (run.settled < run.items.length) return;
  run.state = endOf(countsOf(run.items));
  run.endedAt = '2026-11-20T09:01:00.000Z';
}

export function viewOf(run: Run): RunView {
  const counts = countsOf(run.items);
  const proved = (counts.complete ?? 0) * 2;
  const failed = counts.failed ?? 0;
  return {
    id: run.id,
    plan: run.plan.id,
    planHash: run.plan.hash,
    state: run.state,
    mode: run.plan.mode,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    startedBy: 'alice',
    halt: run.halt,
    counts,
    progress: progressOfItems(run.items),
    parked: counts['in-doubt'] ?? 0,
    cells: { proved, inferred: 0, residual: counts.residual ?? 0, notProved: failed, excepted: 0, signed: 0 },
    consumers: { adopted: 1 },
    waves: [
      { n: 1, name: 'canary', state: run.settled > 0 ? 'done' : 'running', reason: null, ...sumsOf(run.items.slice(0, 1)) },
      { n: 2, name: 'tier 2', state: isEnded(run.state) ? 'done' : 'running', reason: null, ...sumsOf(run.items.slice(1)) },
    ],
    systems: [{ system: 'corp-ldap', state: isEnded(run.state) ? 'done' : 'running', reason: null, perSecond: 120, concurrency: 8 }],
    exposure: {
      firstDenied: proved > 0 ? 2 : null,
      p50: proved > 0 ? 20 : null,
      p95: proved > 0 ? 50 : null,
      lastDenied: isEnded(run.state) ? 60 : null,
    },
    failures: failed > 0 ? [{ error: 'constraint violation (19)', count: failed, sample: ['corp-ldap/uid=svc-0000,ou=people'] }] : [],
  };
}

const progressOfItems = (items: readonly ItemState[]): RunView['progress'] =>
  progressSums(items.map((state) => ({ state, open: !isTerminal(state) && state !== 'in-doubt', n: 1 })));
const sumsOf = (items: readonly ItemState[]) => ({ counts: countsOf(items), progress: progressOfItems(items) });

export function countsOf(items: readonly ItemState[]): Partial<Record<ItemState, number>> {
  const counts: Partial<Record<ItemState, number>> = {};
  for (const state of items) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
