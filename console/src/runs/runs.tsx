// Runs, newest first: how far each is and how it ended.
import { Button, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, got } from '../api/client.ts';
import { Screen } from '../shell/screen.tsx';
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
      {rows.length === 0 ? null : (
        <Table.ScrollContainer minWidth={0} type="native" tabIndex={0} role="group" aria-label="Runs">
          <Table verticalSpacing="xs" className={css.list}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Run</Table.Th>
                <Table.Th scope="col">State</Table.Th>
                <Table.Th scope="col">Closed</Table.Th>
                <Table.Th scope="col" visibleFrom="sm">
                  Started
                </Table.Th>
                <Table.Th scope="col" visibleFrom="md">
                  Plan
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((run) => (
                <Row key={run.id} run={run} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {runs.hasNextPage ? (
        <div>
          <Button variant="default" onClick={() => void runs.fetchNextPage()} loading={runs.isFetchingNextPage}>
            Older runs
          </Button>
        </div>
      ) : null}
    </Screen>
  );
}

function Row({ run }: { readonly run: Run }) {
  const [total, closed, wrong] = [totalOf(run.progress), closedOf(run.progress), wrongOf(run.progress)];
  return (
    <Table.Tr>
      <Table.Th scope="row">
        <Link to="/runs/$run" params={{ run: run.id }}>
          {run.id}
        </Link>
      </Table.Th>
      <Table.Td>
        <StateWord kind="run" state={run.state} />
        {run.halt === null || run.endedAt !== null ? null : (
          <Text size="xs" c="dimmed">
            {run.halt.reason} · {run.halt.by} · <Since at={run.halt.at} />
          </Text>
        )}
      </Table.Td>
      <Table.Td className="figures">
        <WaveBar sums={run.progress} />
        {number(closed)} of {number(total)}
        {wrong > 0 ? `, ${number(wrong)} failed or stopped` : ''}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Since at={run.startedAt} /> by {run.startedBy}
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Link to="/plans/$plan" params={{ plan: run.plan }}>
          {run.plan}
        </Link>
      </Table.Td>
    </Table.Tr>
  );
}

export { RunsScreen as screen };
