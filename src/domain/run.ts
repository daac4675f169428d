// The states of a run and of its waves, and how a run's end is read from its items. A run with an open question never reads `complete`.
import type { ItemState } from './item.ts';

export type Mode = 'contain' | 'continuity';

/** `incomplete` finished with failures, in-doubt or unproved items; `residual` finished, with clocks still running. */
export type RunState = 'running' | 'paused' | 'aborted' | 'complete' | 'residual' | 'incomplete';
export type WaveState = 'waiting' | 'running' | 'held' | 'done';
export type LaneState = 'waiting' | 'running' | 'halted' | 'done';

export function isEnded(state: RunState): boolean {
  return state !== 'running' && state !== 'paused';
}

/** How a run without open items reads. `counts` holds every item, also those parked with an error in a middle state. */
export function endOf(counts: Partial<Record<ItemState, number>>): 'complete' | 'residual' | 'incomplete' {
  const closed: ItemState[] = ['complete', 'contained', 'excluded', 'signed'];
  const entries = Object.entries(counts) as [ItemState, number][];
  if (entries.some(([state, n]) => n > 0 && !closed.includes(state) && state !== 'residual')) return 'incomplete';
  return (counts.residual ?? 0) > 0 ? 'residual' : 'complete';
}
