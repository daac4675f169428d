// Whom a change is told to: an id is itself something to know, so nobody hears of what the routes would not show them.
import { type Caller, ownOnly, reachFor } from '../access/caller.ts';
import type { Permission } from '../access/rights.ts';
import type { Change, Changes } from './port.ts';

/** What reading a thing of each kind needs. */
const reading: Readonly<Record<Change['type'], Permission>> = {
  run: 'run.read',
  plan: 'plan.read',
  approval: 'plan.read',
  system: 'estate.read',
  notice: 'notice.read',
};

export async function toldTo(caller: Caller, changes: readonly Change[], record: Pick<Changes, 'ownOf'>): Promise<readonly Change[]> {
  const whole = changes.filter(({ type }) => reachFor(caller, reading[type]) === 'all');
  const own = changes.filter(({ type }) => reachFor(caller, reading[type]) === 'own');
  const [first] = own;
  // Asked at each batch: what is theirs changes with the inventory, and a page that is told fetches what costs more.
  const theirs = first === undefined ? [] : await record.ownOf(own, ownOnly(caller, reading[first.type]) ?? '');
  return [...whole, ...theirs];
}
