// What a plan touches, as a picture and as a table of the same data; one tab apart, because not everybody can use a picture.
import { Alert, Button, Group, SegmentedControl, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, got } from '../api/client.ts';
import { count, number } from '../words/times.ts';
import { Trouble } from '../words/trouble.tsx';
import { Waiting } from '../words/waiting.tsx';
import { BlastGraph } from './blast-graph.tsx';
import { BlastTable } from './blast-table.tsx';

export function Blast({ plan }: { readonly plan: string }) {
  const [view, setView] = useState<'picture' | 'table'>('picture');
  const [expanded, setExpanded] = useState<readonly string[]>([]);
  const graph = useQuery({
    queryKey: ['plan', plan, 'graph', expanded],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      got(
        api.GET('/v1/plans/{id}/graph', {
          params: { path: { id: plan }, query: expanded.length === 0 ? {} : { expand: expanded.join(',') } },
          signal,
        }),
      ),
  });
  if (graph.isError) return <Trouble error={graph.error} again={() => void graph.refetch()} />;
  if (graph.data === undefined) return <Waiting lines={6} height={40} />;
  const { totals, collapsed, nodes } = graph.data;
  const expand = (id: string): void => setExpanded((before) => [...before, id]);
  if (nodes.length === 0) return <Text size="sm">Nothing: the plan leaves every account alone.</Text>;
  return (
    <>
      <Group gap="sm">
        <SegmentedControl
          size="xs"
          value={view}
          onChange={(value) => setView(value === 'table' ? 'table' : 'picture')}
          data={[
            { value: 'picture', label: 'Picture' },
            { value: 'table', label: 'Table' },
          ]}
          aria-label="How it is shown"
        />
        {expanded.length === 0 ? null : (
          <Button size="compact-sm" variant="default" onClick={() => setExpanded([])}>
            Close all groups
          </Button>
        )}
        <Text size="sm" role="status">
          {count(totals.systems, 'system')} ↔ {count(totals.accounts, 'credential')} ↔ {count(totals.consumers, 'consumer')}
          {collapsed ? `, grouped; ${number(nodes.length)} shown. Open a group to see inside.` : '.'}
        </Text>
      </Group>
      {totals.consumers === 0 ? (
        <Alert color="orange" variant="outline" title="No consumer is declared">
          <Text size="sm">What reads these credentials is not known: import consumers before you trust this picture.</Text>
        </Alert>
      ) : null}
      {view === 'picture' ? (
        <>
          <BlastGraph graph={graph.data} expand={expand} />
          <Text size="xs" c="dimmed">
            Systems left, credentials in the middle, what uses them right. Drag to see the rest; all of it stands in the table too.
          </Text>
        </>
      ) : (
        <BlastTable graph={graph.data} expand={expand} />
      )}
    </>
  );
}
