// Plans, newest first: how each stands, what it would do and leave out, and until when it holds.
import { Button, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, got } from '../api/client.ts';
import { Screen } from '../shell/screen.tsx';
import { useMay } from '../sign-in/session.ts';
import { More } from '../table/more.tsx';
import { type Column, Rows } from '../table/rows.tsx';
import { CliTwin } from '../words/cli-twin.tsx';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { number } from '../words/times.ts';
import { Waiting } from '../words/waiting.tsx';
import { changesOf, type Plan } from './plan-words.ts';
import css from './plans.module.css';
import { Stands } from './stands.tsx';

const pageSize = 50;

const columns: readonly Column<Plan>[] = [
  {
    name: 'Plan',
    heads: true,
    cell: ({ id, name }) => (
      <>
        <Link to="/plans/$plan" params={{ plan: id }}>
          {name}
        </Link>
        <Text size="xs" c="dimmed">
          {id}
        </Text>
      </>
    ),
  },
  { name: 'Stands', cell: (plan) => <Stands plan={plan} /> },
  { name: 'Changes', numeric: true, cell: (plan) => number(changesOf(plan)) },
  {
    name: 'Blocked',
    numeric: true,
    cell: ({ totals }) => (
      <Text span inherit c={totals.blocked > 0 ? 'var(--rk-bad)' : 'dimmed'}>
        {number(totals.blocked)}
      </Text>
    ),
  },
  {
    name: 'Which, and why',
    cell: ({ where, reason, incident }) => (
      <div className={css.why}>
        <Text size="sm" ff="monospace" lineClamp={2}>
          {where}
        </Text>
        <Text size="xs" c="dimmed" lineClamp={2}>
          {reason}
          {incident === null ? '' : ` (${incident})`}
        </Text>
      </div>
    ),
  },
  {
    name: 'Made',
    cell: ({ createdAt, createdBy, expiresAt }) => (
      <>
        <Since at={createdAt} /> by {createdBy}
        <Text size="xs" c="dimmed">
          expires <Since at={expiresAt} />
        </Text>
      </>
    ),
  },
];

function PlansScreen() {
  const mayPlan = useMay('plan.create') !== undefined;
  const plans = useInfiniteQuery({
    queryKey: ['plans', 'list'],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      got(api.GET('/v1/plans', { params: { query: { limit: pageSize, ...(pageParam === '' ? {} : { cursor: pageParam }) } }, signal })),
    getNextPageParam: (last) => last.cursor,
  });
  const items = plans.data?.pages.flatMap((page) => page.items) ?? [];
  const create = mayPlan ? (
    <Button size="compact-md" renderRoot={(props) => <Link to="/plans/new" {...props} />}>
      New plan
    </Button>
  ) : null;
  return (
    <Screen title="Plans" actions={create}>
      {plans.isPending ? <Waiting lines={6} height={40} /> : null}
      {plans.isError ? <Empty what="Plans" why="cannot-load" error={plans.error} again={() => void plans.refetch()} /> : null}
      {plans.isSuccess && items.length === 0 ? (
        <Empty what="Plans" why="none" action={create} twin={['rekey', 'plan', '--where', 'all', '--reason', 'REASON']}>
          A plan says what a reset would do, in which order, and what it would leave out. It changes nothing until it is approved and
          applied.
        </Empty>
      ) : null}
      {items.length === 0 ? null : <Rows caption="Plans" columns={columns} rows={items} keyOf={({ id }) => id} />}
      <More pages={plans} what="plans" />
      <CliTwin words={['rekey', 'plan', 'ls']} />
    </Screen>
  );
}

export { PlansScreen as screen };
