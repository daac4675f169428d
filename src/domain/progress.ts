// How far an item is, in the parts that a bar of a run, a wave or a system shows. Every state is in exactly one of them, by type: none is invisible.
import type { ItemState } from './item.ts';

/**
 * `settled`: nothing more is done here, and it is less than complete: a clock runs, it is blocked, left out, or an owner says so.
 * `by-hand`: waits for its owner's signature. `wrong`: failed, put back, or stopped half-way; a person has to ask for more.
 */
export const progressParts = ['complete', 'settled', 'wrong', 'by-hand', 'under-way', 'not-begun'] as const;
export type Progress = (typeof progressParts)[number];
export type ProgressSums = Partial<Record<Progress, number>>;

/** `open`: the item is still being worked on. */
export function progressOf(state: ItemState, open: boolean): Progress {
  switch (state) {
    case 'complete':
      return 'complete';
    case 'residual':
    case 'contained':
    case 'excluded':
    case 'signed':
      return 'settled';
    case 'by-hand':
      return 'by-hand';
    case 'planned':
      return open ? 'not-begun' : 'wrong';
    case 'sealed':
    case 'sent':
    case 'in-doubt':
    case 'applied':
    case 'propagated':
    case 'revoked':
    case 'proved':
    case 'failed':
    case 'rolled-back':
      return open ? 'under-way' : 'wrong';
  }
}

export function progressSums(rows: readonly { readonly state: ItemState; readonly open: boolean; readonly n: number }[]): ProgressSums {
  const sums: ProgressSums = {};
  for (const { state, open, n } of rows) {
    const part = progressOf(state, open);
    sums[part] = (sums[part] ?? 0) + n;
  }
  return sums;
}
