// Runs, newest first: how far each is and how it ended.
import { Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, got } from '../api/client.ts';
import { Screen } from '../shell/screen.tsx';
import { More } from '../table/more.tsx';
import { type Column, Rows } from '../table/rows.tsx';
import { CliTwin } from '../words/cli-twin.tsx';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { StateWord } from '../words/state-word.tsx';
import { number } from '../words/times.ts';
import { Waiting } from '../words/waiting.tsx';
import { closedOf, totalOf, wrongOf } from './progress.ts';
import type { Run } from './run-queries.ts';
import css from './runs.module.css';
import { WaveBar } from './wave-bar.tsx';

const pageSize = 25;

const columns: readonly Column<Run>[] = [
  {
    name: 'Run',
    heads: true,
    cell: ({ id }) => (
      <Link to="/runs/$run" params={{ run: id }}>
        {id}
      </Link>
    ),
  },
  {
    name: 'State',
    cell: ({ state, halt, endedAt }) => (
      <>
        <StateWord kind="run" state={state} />
        {halt === null || endedAt !== null ? null : (
          <Text size="xs" c="dimmed">
            {halt.reason} · {halt.by} · <Since at={halt.at} />
          </Text>
        )}
      </>
    ),
  },
  {
    name: 'How far',
    cell: ({ progress }) => (
      <div className={css.far}>
        <WaveBar sums={progress} />
      </div>
    ),
  },
  { name: 'Closed', numeric: true, cell: ({ progress }) => number(closedOf(progress)) },
  { name: 'Of', numeric: true, cell: ({ progress }) => number(totalOf(progress)) },
  {
    name: 'Failed or stopped',
    numeric: true,
    cell: ({ progress }) => (
      <Text span inherit c={wrongOf(progress) > 0 ? 'var(--rk-bad)' : 'dimmed'}>
        {number(wrongOf(progress))}
      </Text>
    ),
  },
  {
    name: 'Started',
    cell: ({ startedAt, startedBy }) => (
      <>
        <Since at={startedAt} /> by {startedBy}
      </>
    ),
  },
  {
    name: 'Plan',
    cell: ({ plan }) => (
      <Link to="/plans/$plan" params={{ plan }}>
        {plan}
      </Link>
    ),
  },
];

function RunsScreen() {
  const runs = useInfiniteQuery({
    queryKey: ['runs', 'list'],
    queryFn: ({ pageParam, signal }) =>
      got(api.GET('/v1/runs', { params: { query: { limit: pageSize, ...(pageParam === '' ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor,
  });
  const rows = runs.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Screen title="Runs">
      {runs.isPending ? <Waiting lines={6} height={32} /> : null}
      {runs.isError ? <Empty what="Runs" why="cannot-load" error={runs.error} again={() => void runs.refetch()} /> : null}
      {runs.isSuccess && rows.length === 0 ? (
        <Empty what="Runs" why="none" action={<Link to="/plans">Plans</Link>} twin={['rekey', 'apply', 'PLAN']}>
          A run does exactly what an approved plan says, and shows for each credential whether the old one still opens anything.
        </Empty>
      ) : null}
      {rows.length === 0 ? null : <Rows caption="Runs" columns={columns} rows={rows} keyOf={({ id }) => id} />}
      <More pages={runs} what="runs" />
      <CliTwin words={['rekey', 'run', 'ls']} />
    </Screen>
  );
}

export { RunsScreen as screen };
