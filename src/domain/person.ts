// One verdict for a person: the worst of their accounts in a run, and whether the accounts that share a value hold the same one.
import type { ItemState } from './item.ts';

/** Worst first. `failed`: an old secret certainly works. `signed`: an owner says so, nothing proved it. `left-out`: the run touched none of their accounts. */
export const personVerdicts = [
  'failed',
  'in-doubt',
  'not-proved',
  'running',
  'contained',
  'residual',
  'signed',
  'done',
  'left-out',
] as const;
export type PersonVerdict = (typeof personVerdicts)[number];

/** `open`: the item is still being worked on. */
export function verdictOf(state: ItemState, open: boolean): PersonVerdict {
  switch (state) {
    case 'complete':
      return 'done';
    case 'residual':
    case 'contained':
    case 'failed':
    case 'signed':
      return state;
    case 'by-hand':
      return 'not-proved';
    case 'rolled-back':
      return 'failed';
    case 'excluded':
      return 'left-out';
    case 'sent':
    case 'in-doubt':
      return open ? 'running' : 'in-doubt';
    case 'planned':
    case 'sealed':
    case 'applied':
    case 'propagated':
    case 'revoked':
    case 'proved':
      return open ? 'running' : 'not-proved';
  }
}

/** What the plan left out is named beside the verdict and does not soften it; without anything else it is all there is to say. */
export function worstOf(verdicts: readonly PersonVerdict[]): PersonVerdict {
  const worst = Math.min(...verdicts.map((each) => personVerdicts.indexOf(each)));
  return personVerdicts[worst] ?? 'left-out';
}

const holding: readonly ItemState[] = ['applied', 'propagated', 'revoked', 'proved', 'complete', 'residual'];

/** Whether an account is known to hold the value its item was to set. */
export function holdsNew(state: ItemState): boolean {
  return holding.includes(state);
}
