// What changed about an account since it was planned, in words.
import type { PlanItem } from './item-line.ts';
import type { FullSnapshot } from './port.ts';

const yes = (name: string, before: boolean, now: boolean): string[] =>
  before === now ? [] : [now ? `is now ${name}` : `is no longer ${name}`];
const was = (name: string, before: unknown, now: unknown): string[] =>
  before === now ? [] : [`${name} was ${before ?? 'nobody'}, is ${now ?? 'nobody'}`];

export function changesOf(item: PlanItem, account: FullSnapshot | undefined): string {
  if (account === undefined) return 'is no longer in the inventory';
  const owners = account.owners.length > 1 ? account.owners.join(' and ') : (account.owners[0] ?? item.owner);
  const tags = (list: readonly string[]): string => [...list].sort().join(', ') || 'none';
  const words = [
    ...yes('gone from the target', item.gone, account.gone),
    ...yes('enabled', item.enabled, account.enabled),
    ...was('its owner', item.owner, owners),
    ...was('its person', item.person, account.person),
    ...was('its tier', item.tier, account.tier),
    ...was('its kind', item.kind, account.kind),
    ...was('its manager', item.managed, account.managed),
    ...was('its tags', tags(item.tags), tags(account.tags)),
    ...yes('shared', item.shared, account.shared),
    ...yes('privileged', item.privileged, account.privileged),
    ...yes('known to be exposed', item.exposed, account.exposed),
    ...(item.oldKnown === account.oldKnown ? [] : [account.oldKnown ? 'its old secret is known now' : 'its old secret is no longer known']),
    ...was('its number of consumers', item.consumers, account.consumers.length),
  ];
  return words.length > 0 ? words.join('; ') : 'its owners, consumers or its system’s block in rekey.yaml changed';
}
