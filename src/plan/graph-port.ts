// What the graph of a plan reads of the store: counts by group, and single accounts and consumers of the groups somebody opened.
import type { GraphEdge } from '../domain/graph-view.ts';

export type GraphGroup = { readonly system: string; readonly tier: number; readonly count: number; readonly blocked: number };
export type GraphStoreCount = { readonly store: string; readonly count: number; readonly unknown: number };
export type GraphAccount = {
  readonly key: string;
  readonly name: string;
  readonly system: string;
  readonly tier: number;
  readonly blocked: boolean;
};
export type GraphConsumer = { readonly consumer: string; readonly store: string; readonly unknown: boolean };
/** Which systems and stores have nodes of their own (the others are one node), and whether a system has one per tier. */
export type Fold = { readonly perTier: boolean; readonly systems: readonly string[]; readonly stores: readonly string[] };

export interface GraphStore {
  groups(plan: string): Promise<readonly GraphGroup[]>;
  stores(plan: string): Promise<readonly GraphStoreCount[]>;
  /** Of one group, blocked ones first; `tier` null: of the whole system. */
  accounts(plan: string, system: string, tier: number | null, limit: number): Promise<readonly GraphAccount[]>;
  consumers(plan: string, store: string, limit: number): Promise<readonly GraphConsumer[]>;
  /** How often each node's secrets are used by each other node; ids as domain/graph-id.ts makes them. */
  edges(plan: string, fold: Fold, accounts: readonly GraphAccount[], consumers: readonly GraphConsumer[]): Promise<readonly GraphEdge[]>;
}
