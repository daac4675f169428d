// How a node of a plan's graph is named: by what it stands for, so that an opened group keeps its name from one answer to the next.

export const systemId = (system: string): string => `s:${system}`;
export const storeId = (store: string): string => `c:${store}`;
export const groupId = (g: { readonly system: string; readonly tier: number }, fold: { readonly perTier: boolean }): string =>
  `g:${g.system}:${fold.perTier ? g.tier : '*'}`;
export const accountId = (a: { readonly key: string }): string => `a:${a.key}`;
/** A consumer is told by its name and its store: neither alone is unique, and a comma in either must not split an address. */
export const consumerId = (c: { readonly consumer: string; readonly store: string }): string => `u:${c.store}:${c.consumer}`;
