// What planning is told of a key with generations: how many resets it can take, and the wait between two, without what replication adds.

export type KeyFacts = { readonly resets: number; readonly waitMs: number };
