// Plans, newest first: what each would do, how it stands, and until when.
import { Button, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, got } from '../api/client.ts';
import { Screen } from '../shell/screen.tsx';
import { useMay } from '../sign-in/session.ts';
import { CliTwin } from '../words/cli-twin.tsx';
import { useNow } from '../words/clock.ts';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { number } from '../words/times.ts';
import { colourOf } from '../words/tone.ts';
import { Waiting } from '../words/waiting.tsx';
import { type Plan, standingOf } from './plan-words.ts';

const pageSize = 50;

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
      {items.length === 0 ? null : (
        <Table.ScrollContainer type="native" minWidth={720} tabIndex={0} role="group" aria-label="Plans">
          <Table verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Plan</Table.Th>
                <Table.Th>Stands</Table.Th>
                <Table.Th>Does</Table.Th>
                <Table.Th>Where</Table.Th>
                <Table.Th>Made</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((plan) => (
                <Row key={plan.id} plan={plan} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {plans.hasNextPage ? (
        <div>
          <Button variant="default" onClick={() => void plans.fetchNextPage()} loading={plans.isFetchingNextPage}>
            Older plans
          </Button>
        </div>
      ) : null}
      <CliTwin words={['rekey', 'plan', 'ls']} />
    </Screen>
  );
}

function Row({ plan }: { readonly plan: Plan }) {
  const now = useNow();
  const { word, tone } = standingOf(plan, now);
  const { totals } = plan;
  return (
    <Table.Tr>
      <Table.Td>
        <Link to="/plans/$plan" params={{ plan: plan.id }}>
          {plan.name}
        </Link>
        <Text size="xs" c="dimmed">
          {plan.id}
        </Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm" c={colourOf(tone)}>
          {word}
        </Text>
      </Table.Td>
      <Table.Td className="figures">
        ~ {number(totals.rotate)}
        {totals.contain > 0 ? `, - ${number(totals.contain)}` : ''}
        {totals.byHand > 0 ? `, ☐ ${number(totals.byHand)}` : ''}
        {totals.blocked > 0 ? (
          <Text span inherit c="var(--rk-bad)">
            , ! {number(totals.blocked)}
          </Text>
        ) : null}
      </Table.Td>
      <Table.Td>
        <Text size="sm" ff="monospace" lineClamp={2}>
          {plan.where}
        </Text>
        <Text size="xs" c="dimmed" lineClamp={1}>
          {plan.reason}
          {plan.incident === null ? '' : ` (${plan.incident})`}
        </Text>
      </Table.Td>
      <Table.Td>
        <Since at={plan.createdAt} /> by {plan.createdBy}
        <Text size="xs" c="dimmed">
          expires <Since at={plan.expiresAt} />
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}

export { PlansScreen as screen };
