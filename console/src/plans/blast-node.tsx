// One box of the picture: what it is, how many it stands for, and how many of them are blocked or unknown.
import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';
import type { Schemas } from '../api/client.ts';
import { number } from '../words/times.ts';
import css from './plans.module.css';

export type BlastNodeData = { readonly node: Schemas['PlanGraph']['nodes'][number] };

export function BlastNode({ data: { node } }: NodeProps<Node<BlastNodeData>>) {
  const credentials = node.kind === 'system' || node.kind === 'accounts' || node.kind === 'account';
  const many = node.kind !== 'account' && node.kind !== 'consumer';
  return (
    <div className={css.node} data-kind={node.kind} data-open={node.open > 0} title={node.label}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      {node.expandable ? '▸ ' : ''}
      {node.label}
      <br />
      {many ? `${number(node.count)} ${credentials ? 'credentials' : 'consumers'}` : node.kind}
      {node.open > 0
        ? credentials
          ? `, ! ${many ? `${number(node.open)} ` : ''}blocked`
          : `, ? ${many ? `${number(node.open)} ` : ''}unknown`
        : ''}
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}
