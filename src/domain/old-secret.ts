// What an item's state says of the old secret: what an attacker who holds it can still do. The first line of every picture of a run.
import type { ItemState } from './item.ts';

/**
 * `opens`: nothing was changed, or the change failed. `changed`: a new one is set, and nothing proved yet that the old one is refused.
 * `fading`: refused, but what was opened with it lives until its clock runs out. `unknown`: nobody can tell. `said`: an owner says so.
 */
export const oldSecretStates = ['opens', 'unknown', 'changed', 'fading', 'said', 'contained', 'refused'] as const;
export type OldSecret = (typeof oldSecretStates)[number];

/** Undefined: the run does not touch the account. `open`: the item is still being worked on. */
export function oldSecretOf(state: ItemState, open: boolean): OldSecret | undefined {
  switch (state) {
    case 'planned':
    case 'sealed':
    case 'failed':
    case 'rolled-back':
    case 'by-hand':
      return 'opens';
    case 'sent':
      return open ? 'opens' : 'unknown';
    case 'in-doubt':
      return 'unknown';
    case 'applied':
    case 'propagated':
    case 'revoked':
      return 'changed';
    case 'residual':
      return 'fading';
    case 'signed':
      return 'said';
    case 'contained':
      return 'contained';
    case 'proved':
    case 'complete':
      return 'refused';
    case 'excluded':
      return undefined;
  }
}
