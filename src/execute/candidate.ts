// The value an item is putting in place, opened from the escrow, and the values it must put out of use.
import type { Secret } from '../kit/secret.ts';
import type { Held, LaneHands } from './lane-hands.ts';
import type { SealedSecret, WorkItem } from './port.ts';

/** Throws when the escrow has no row for the item's version: an invariant of the store, never a condition of the target. */
export async function candidateOf(hands: LaneHands, held: Held): Promise<Secret> {
  if (held.candidate !== undefined) return held.candidate;
  const row = held.item.secrets.find((s) => s.origin === 'generated' && s.version === held.item.version);
  if (row === undefined) throw new Error(`escrow has no version ${held.item.version} of account ${held.item.account}`);
  held.candidate = await hands.escrow.open(held.item.account, row);
  return held.candidate;
}

/**
 * Every known value that must not work any more, newest first: what leaked, what was live, what was sent before and never settled. A value that was
 * disproved stays out, unless there is nothing else to show that the path refuses what it should: then the newest of them is tried again.
 */
export function oldsOf(item: WorkItem): readonly SealedSecret[] {
  const others = item.secrets.filter((s) => !(s.origin === 'generated' && s.version === item.version)).toReversed();
  const standing = others.filter((s) => s.state !== 'disproved');
  if (standing.length > 0) return standing;
  // A proof held again also tries what leaked: a restored backup may be older than the value before.
  return others.filter((s, n) => n === 0 || (item.reproofs > 0 && s.origin === 'leaked'));
}

/** The value that certainly worked before this item's write, if we held it: not a leaked one, which may be older than we know. */
export function previousOf(item: WorkItem): SealedSecret | undefined {
  return item.secrets.findLast(
    (s) =>
      (s.origin === 'generated' && s.version !== item.version && (s.state === 'live' || s.state === 'previous')) ||
      (s.origin === 'known' && s.state === 'live'),
  );
}
