// Where the nodes of the picture stand: systems left, credentials in the middle, consumers right, as few crossings as dagre finds.
import { Graph, layout } from '@dagrejs/dagre';
import type { Schemas } from '../api/client.ts';

export type BlastView = Schemas['PlanGraph'];
export const nodeSize = { width: 220, height: 46 } as const;

export function placesOf({ nodes, edges }: BlastView): ReadonlyMap<string, { readonly x: number; readonly y: number }> {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 12, ranksep: 120 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of nodes) graph.setNode(id, { ...nodeSize });
  for (const { from, to } of edges) graph.setEdge(from, to);
  layout(graph);
  return new Map(
    nodes.map(({ id }) => {
      const { x, y } = graph.node(id) as { x: number; y: number }; // layout() gave every node its place
      return [id, { x: x - nodeSize.width / 2, y: y - nodeSize.height / 2 }];
    }),
  );
}
