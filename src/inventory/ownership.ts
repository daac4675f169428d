// One identity, one owner: what about an account must be settled by a person before any plan may touch it. Pure.

export type Owned = {
  readonly owners: readonly string[];
  readonly kind: string;
  readonly shared: boolean;
  readonly tags: readonly string[];
  readonly enabled: boolean;
  /** The one owner's own accounts exist and every one of them is disabled or gone. */
  readonly ownerDisabled: boolean;
};
export const blockerReasons = ['no-owner', 'two-owners', 'owner-disabled', 'shared'] as const;
export type BlockerReason = (typeof blockerReasons)[number];

/** A shared account is reset only once its retirement was approved: that is what the tag says. */
export const sharedApproved = 'shared-ok';

export function blockersOf(account: Owned): BlockerReason[] {
  const blockers: BlockerReason[] = [];
  if (account.owners.length === 0) blockers.push('no-owner');
  if (account.owners.length > 1) blockers.push('two-owners');
  if (account.owners.length === 1 && account.ownerDisabled) blockers.push('owner-disabled');
  if ((account.shared || account.kind === 'shared') && !account.tags.includes(sharedApproved)) blockers.push('shared');
  return blockers;
}

/** What is worth knowing and blocks nothing. */
export function notesOf(account: Owned): 'disabled-account'[] {
  return account.enabled ? [] : ['disabled-account'];
}
