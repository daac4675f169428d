// What the server sorts accounts by; a `-` before it turns the order round.
export const sorts = ['account', 'tier', 'kind', 'owner', 'changed'] as const;
export type SortBy = (typeof sorts)[number];
export type Sort = SortBy | `-${SortBy}`;
