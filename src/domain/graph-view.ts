// What a plan touches, as a graph: system ↔ credential ↔ consumer. Groups stand for many, so that an answer never holds more than a person can look at.

export type GraphNode = {
  readonly id: string;
  readonly kind: 'system' | 'accounts' | 'account' | 'consumers' | 'consumer' | 'more';
  readonly label: string;
  readonly system: string | null;
  readonly tier: number | null;
  /** How many credentials or consumers it stands for. */
  readonly count: number;
  /** Of these: credentials the plan blocks, or consumers nobody has seen. */
  readonly open: number;
  /** Pass it in `expand` to see what is inside. */
  readonly expandable: boolean;
};
export type GraphEdge = { readonly from: string; readonly to: string; readonly count: number };
export type GraphView = {
  readonly plan: string;
  readonly collapsed: boolean;
  readonly totals: { readonly systems: number; readonly accounts: number; readonly consumers: number };
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
};
