// Evidence: every run with what of it is proved, and the check of a bundle that somebody was handed.
import { Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, got, type Schemas } from '../api/client.ts';
import { Screen } from '../shell/screen.tsx';
import { More } from '../table/more.tsx';
import { type Column, Rows } from '../table/rows.tsx';
import { Section } from '../table/section.tsx';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { StateWord } from '../words/state-word.tsx';
import { number } from '../words/times.ts';
import { Waiting } from '../words/waiting.tsx';
import { CheckFromDisk } from './check-from-disk.tsx';
import { itemsOf, outcomesOf } from './outcomes.ts';

type Run = Schemas['Run'];

const pageSize = 25;

const columns: readonly Column<Run>[] = [
  {
    name: 'Run',
    heads: true,
    cell: ({ id }) => (
      <Link to="/evidence/$run" params={{ run: id }}>
        {id}
      </Link>
    ),
  },
  { name: 'State', cell: ({ state }) => <StateWord kind="run" state={state} /> },
  { name: 'Began', cell: ({ startedAt }) => <Since at={startedAt} /> },
  { name: 'Selected', numeric: true, cell: (run) => number(itemsOf(run)) },
  { name: 'Complete', numeric: true, cell: (run) => number(outcomesOf(run).complete) },
  { name: 'Residual', numeric: true, cell: (run) => number(outcomesOf(run).residual) },
  { name: 'By hand, signed', numeric: true, cell: (run) => number(outcomesOf(run).signed) },
  { name: 'Left out', numeric: true, cell: (run) => number(outcomesOf(run).excluded) },
  { name: 'Not proved', numeric: true, cell: (run) => number(outcomesOf(run).open) },
];

export function screen() {
  return (
    <Screen title="Evidence">
      <Stack gap="lg">
        <Runs />
        <CheckFromDisk />
      </Stack>
    </Screen>
  );
}

function Runs() {
  const runs = useInfiniteQuery({
    queryKey: ['runs', 'evidence'],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      got(api.GET('/v1/runs', { params: { query: { limit: pageSize, ...(pageParam === '' ? {} : { cursor: pageParam }) } }, signal })),
    getNextPageParam: ({ cursor }) => cursor,
  });
  const rows = runs.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Section title="Runs">
      {runs.isPending ? (
        <Waiting />
      ) : runs.isError && rows.length === 0 ? (
        <Empty what="Runs" why="cannot-load" error={runs.error} again={() => void runs.refetch()} />
      ) : rows.length === 0 ? (
        <Empty what="Evidence" why="not-run" twin={['rekey', 'plan', '--where', 'all', '--reason', 'TEXT']}>
          Each run leaves a signed log of what was tried, what the target answered and what is proved. Make a plan first.
        </Empty>
      ) : (
        <>
          <Text size="sm" c="dimmed">
            Selected = complete + residual + by hand + left out + not proved, row by row.
          </Text>
          <Rows caption="Runs and what of them is proved" columns={columns} rows={rows} keyOf={({ id }) => id} />
          <More pages={runs} what="runs" />
        </>
      )}
    </Section>
  );
}
