// What its system's sync group means for one account: whether it gets the shared value, what hinders that, and how late it comes.
import type { Strategy } from '../domain/strategy.ts';
import type { PlanSyncView } from '../domain/view.ts';
import type { AccountSnapshot } from './port.ts';
import { atLevel, isPerson } from './rank.ts';

export type PlannedGroup = Pick<PlanSyncView, 'name' | 'systems' | 'form'> & {
  readonly hindered?: { readonly reason: 'sync-policies' | 'sync-policy-unread'; readonly why: string };
};
/** One system's part in its group. `first`: the others authenticate against it. */
export type SystemSync = { readonly group: PlannedGroup; readonly first: boolean; readonly takes: 'value' | 'own' };

/** Whether an account of this strategy gets the value its person's other accounts get. */
export function sharesValue(account: AccountSnapshot, sync: SystemSync | undefined, strategy: Strategy | null): boolean {
  return sync?.takes === 'value' && account.person !== null && (strategy === 'set' || strategy === 'overlap');
}

export function syncBlock(
  account: AccountSnapshot,
  sync: SystemSync | undefined,
  strategy: Strategy | null,
): 'person-ambiguous' | 'sync-policies' | 'sync-policy-unread' | undefined {
  if (sync?.takes !== 'value' || (strategy !== 'set' && strategy !== 'overlap')) return undefined;
  if (account.personWhy !== null) return 'person-ambiguous';
  return account.person === null ? undefined : sync.group.hindered?.reason;
}

/** Followers go one step after the first system of their group, where the tier puts both into one. */
export function rankInGroup(account: AccountSnapshot, sync: SystemSync | undefined, rank: number): number {
  return sync !== undefined && !sync.first && account.person !== null && isPerson(account) ? atLevel(rank, 1) : rank;
}
