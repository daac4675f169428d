// The picture: nodes are reached by Tab, a group opens by Enter or a click, and everything in it stands in the table too.
import '@xyflow/react/dist/style.css';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { Controls, type Edge, type Node, ReactFlow, type ReactFlowInstance } from '@xyflow/react';
import { useEffect, useMemo, useState } from 'react';
import { number } from '../words/times.ts';
import { type BlastView, nodeSize, placesOf } from './blast-layout.ts';
import { BlastNode, type BlastNodeData } from './blast-node.tsx';
import css from './plans.module.css';

/** Above and below the picture together. */
const margin = 80;
/** Smaller than this nobody can read a label: what does not fit is a drag, or a Tab, away. */
const fit = { minZoom: 0.85, maxZoom: 1 } as const;
const nodeTypes = { blast: BlastNode };

export function BlastGraph({ graph, expand }: { readonly graph: BlastView; readonly expand: (id: string) => void }) {
  const scheme = useComputedColorScheme();
  const { ref, width } = useElementSize();
  const [flow, setFlow] = useState<ReactFlowInstance<Node<BlastNodeData>>>();
  // A window that is turned or dragged would keep the middle of its old width.
  useEffect(() => {
    if (width > 0) void flow?.fitView(fit);
  }, [flow, width]);
  const { nodes, edges, height } = useMemo(() => {
    const places = placesOf(graph);
    return {
      height: Math.max(...[...places.values()].map(({ y }) => y + nodeSize.height)),
      nodes: graph.nodes.map(
        (node): Node<BlastNodeData> => ({
          id: node.id,
          type: 'blast',
          position: places.get(node.id) ?? { x: 0, y: 0 },
          data: { node },
          ...nodeSize,
          ariaLabel: `${node.kind} ${node.system === null || node.kind === 'system' ? '' : `${node.system} `}${node.label}, ${number(node.count)}${node.expandable ? ', Enter opens it' : ''}`,
        }),
      ),
      edges: graph.edges.map(
        ({ from, to, count }): Edge => ({
          id: `${from} ${to}`,
          source: from,
          target: to,
          focusable: false,
          ...(count > 1 ? { label: number(count) } : {}),
          style: { strokeWidth: 1 + Math.min(3, Math.log10(count)) },
        }),
      ),
    };
  }, [graph]);
  const opens = useMemo(() => new Set(graph.nodes.filter((node) => node.expandable).map((node) => node.id)), [graph]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys belong to the nodes inside, which have their own roles
    <div
      ref={ref}
      className={css.graph}
      // As tall as what it shows, within the window.
      style={{ height: `clamp(220px, ${Math.ceil(height) + margin}px, min(60dvh, 640px))` }}
      onKeyDown={(event) => {
        const id = (event.target as HTMLElement).dataset.id; // React Flow names its nodes so
        if ((event.key === 'Enter' || event.key === ' ') && id !== undefined && opens.has(id)) {
          event.preventDefault();
          expand(id);
        }
      }}
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        colorMode={scheme}
        fitView
        fitViewOptions={fit}
        onInit={setFlow}
        minZoom={0.05}
        nodesDraggable={false}
        nodesConnectable={false}
        elementsSelectable={false}
        edgesFocusable={false}
        nodesFocusable
        preventScrolling={false}
        onlyRenderVisibleElements={false}
        onNodeClick={(_, node) => (opens.has(node.id) ? expand(node.id) : undefined)}
        proOptions={{ hideAttribution: true }}
        aria-label="Systems, credentials and consumers"
      >
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}
