// Who did what about access: sign-ins, refusals, changes of rights, newest first, as they stand in the estate's evidence log.
import { Button, Code, Collapse, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api, got, type Schemas } from '../api/client.ts';
import { More } from '../table/more.tsx';
import { type Column, Rows } from '../table/rows.tsx';
import { Empty } from '../words/empty.tsx';
import { exactUtc } from '../words/times.ts';
import { Waiting } from '../words/waiting.tsx';
import { accessEvents } from './access-events.ts';

type Entry = Schemas['AccessEntry'];

type Filter = { readonly find?: string; readonly by?: string; readonly event?: string };

const pageSize = 100;

const columns: readonly Column<Entry>[] = [
  { name: 'When', heads: true, cell: ({ at }) => exactUtc(at) },
  { name: 'What', cell: ({ event }) => event.replaceAll('-', ' ') },
  { name: 'By', cell: ({ by }) => by ?? 'nobody known' },
  { name: 'About', cell: ({ member }) => member ?? '' },
  { name: 'From', cell: ({ address }) => address ?? '' },
  { name: 'Entry', cell: (entry) => <Whole of={entry} /> },
];

export function Audit() {
  const address = useSearch({ strict: false }) as { find?: unknown; by?: unknown; event?: unknown }; // any address; what it says is checked
  const navigate = useNavigate();
  const wanted = typeof address.find === 'string' ? address.find : '';
  const by = typeof address.by === 'string' ? address.by : '';
  const event = accessEvents.find((known) => known === address.event);
  const show = (filter: Filter): void => {
    const now = { find: wanted, by, event: event ?? '', ...filter };
    const set = Object.entries(now).filter(([, text]) => text !== '');
    void navigate({ to: '/settings', search: { tab: 'audit', ...Object.fromEntries(set) }, replace: true });
  };
  const entries = useInfiniteQuery({
    queryKey: ['audit', by, event],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      got(
        api.GET('/v1/audit', {
          params: {
            query: {
              limit: pageSize,
              ...(by === '' ? {} : { by }),
              ...(event === undefined ? {} : { event }),
              ...(pageParam === '' ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    getNextPageParam: ({ cursor }) => cursor,
  });
  const all = entries.data?.pages.flatMap(({ items }) => items) ?? [];
  const rows = wanted === '' ? all : all.filter(({ line }) => line.toLowerCase().includes(wanted.toLowerCase()));
  return (
    <Stack gap="md">
      <Group align="flex-end">
        <TextInput
          label="By"
          description="The whole name"
          autoComplete="off"
          defaultValue={by}
          key={by}
          onBlur={({ currentTarget }) => show({ by: currentTarget.value.trim() })}
          onKeyDown={({ key, currentTarget }) => (key === 'Enter' ? show({ by: currentTarget.value.trim() }) : undefined)}
        />
        <NativeSelect
          label="What"
          description="One act"
          value={event ?? ''}
          onChange={({ currentTarget }) => show({ event: currentTarget.value })}
          data={[{ value: '', label: 'every act' }, ...accessEvents.map((each) => ({ value: each, label: each.replaceAll('-', ' ') }))]}
        />
        <TextInput
          label="Find in what is loaded"
          description={`A name, an act, an address: in the ${all.length} newest entries; more are loaded below`}
          autoComplete="off"
          maw={420}
          value={wanted}
          onChange={({ currentTarget }) => show({ find: currentTarget.value })}
        />
      </Group>
      {entries.isPending ? (
        <Waiting />
      ) : entries.isError && all.length === 0 ? (
        <Empty what="The audit" why="cannot-load" error={entries.error} again={() => void entries.refetch()} />
      ) : all.length === 0 && (by !== '' || event !== undefined) ? (
        <Empty what="Entries" why="filtered" clear={() => show({ by: '', event: '', find: '' })} />
      ) : all.length === 0 ? (
        <Empty what="Entries" why="none">
          Each sign-in, each refusal and each change of rights is written here, and cannot be taken away.
        </Empty>
      ) : rows.length === 0 ? (
        <Empty what="Entries" why="filtered" hidden={all.length} clear={() => show({ find: '' })} />
      ) : (
        <Rows caption="Acts about access, newest first" columns={columns} rows={rows} keyOf={({ line }) => line} />
      )}
      <Group>
        <More pages={entries} what="entries" />
      </Group>
      <Text size="sm" c="dimmed">
        What was done to credentials stands in each run’s own log, under Evidence.
      </Text>
    </Stack>
  );
}

function Whole({ of: { line, at, event } }: { readonly of: Entry }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        variant="subtle"
        size="compact-xs"
        aria-expanded={open}
        aria-label={`Whole entry of ${event} at ${exactUtc(at)}`}
        onClick={() => setOpen(!open)}
      >
        {open ? 'hide' : 'show'}
      </Button>
      <Collapse expanded={open}>
        <Code block>{line}</Code>
      </Collapse>
    </>
  );
}
