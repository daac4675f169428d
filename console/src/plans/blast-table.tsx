// The same data as the picture, one line per connection, sorted by whatever is asked: for everybody who cannot use a graph.
import { Button, Table, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { number } from '../words/times.ts';
import type { BlastView } from './blast-layout.ts';

type Line = {
  readonly key: string;
  readonly system: string;
  readonly credential: string;
  readonly consumer: string;
  readonly count: number;
  readonly open: readonly string[];
  readonly note: string;
};
const heads = [
  { by: 'system', name: 'System' },
  { by: 'credential', name: 'Credential' },
  { by: 'consumer', name: 'Consumer' },
  { by: 'count', name: 'Uses' },
] as const;
type By = (typeof heads)[number]['by'];

export function BlastTable({ graph, expand }: { readonly graph: BlastView; readonly expand: (id: string) => void }) {
  const [sort, setSort] = useState<{ readonly by: By; readonly down: boolean }>({ by: 'count', down: true });
  const lines = linesOf(graph).sort((a, b) => (sort.down ? -1 : 1) * compare(a[sort.by], b[sort.by]));
  const names = new Map(graph.nodes.map((node) => [node.id, node.label]));
  return (
    <Table.ScrollContainer
      type="native"
      minWidth={560}
      maxHeight={480}
      tabIndex={0}
      role="group"
      aria-label="Systems, credentials and consumers"
    >
      <Table stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {heads.map(({ by, name }) => (
              <Table.Th key={by} aria-sort={sort.by !== by ? 'none' : sort.down ? 'descending' : 'ascending'}>
                <UnstyledButton fw={700} fz="sm" onClick={() => setSort({ by, down: sort.by === by ? !sort.down : by === 'count' })}>
                  {name}
                  {sort.by === by ? <span aria-hidden="true">{sort.down ? ' ▼' : ' ▲'}</span> : null}
                </UnstyledButton>
              </Table.Th>
            ))}
            <Table.Th>Note</Table.Th>
            <Table.Th>Inside</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map((line) => (
            <Table.Tr key={line.key}>
              <Table.Td>{line.system}</Table.Td>
              <Table.Td>{line.credential}</Table.Td>
              <Table.Td>{line.consumer}</Table.Td>
              <Table.Td className="figures">{number(line.count)}</Table.Td>
              <Table.Td>{line.note}</Table.Td>
              <Table.Td>
                {line.open.map((id) => (
                  <Button key={id} size="compact-xs" variant="default" onClick={() => expand(id)}>
                    Open {names.get(id)}
                  </Button>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const compare = (a: string | number, b: string | number): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));

/** Credentials without a consumer have a line too: that nothing is known to use them is what somebody must see. */
function linesOf({ nodes, edges }: BlastView): Line[] {
  const by = new Map(nodes.map((node) => [node.id, node]));
  const using = edges.filter(({ from }) => by.get(from)?.kind !== 'system');
  const used = new Set(using.map(({ from }) => from));
  const of = (id: string) => {
    const node = by.get(id);
    return {
      system: node?.system ?? '',
      credential: node?.label ?? id,
      note: node !== undefined && node.open > 0 ? `! ${number(node.open)} blocked` : '',
    };
  };
  const opens = (...ids: readonly string[]): string[] => ids.filter((id) => by.get(id)?.expandable === true);
  return [
    ...using.map(({ from, to, count }): Line => {
      const consumer = by.get(to);
      const unknown = consumer !== undefined && consumer.open > 0 ? `? ${number(consumer.open)} unknown` : '';
      const { system, credential, note } = of(from);
      return {
        key: `${from} ${to}`,
        system,
        credential,
        consumer: consumer?.label ?? to,
        count,
        open: opens(from, to),
        note: [note, unknown].filter(Boolean).join(', '),
      };
    }),
    ...nodes
      .filter((node) => (node.kind === 'accounts' || node.kind === 'account') && !used.has(node.id))
      .map((node): Line => ({ key: node.id, ...of(node.id), consumer: 'none declared', count: node.count, open: opens(node.id) })),
  ];
}
