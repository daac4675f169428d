// Approvals: what waits for a second person, what waits for me first; what was given, refused or expired stays to be read.
import { Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { api, got } from '../api/client.ts';
import { Screen } from '../shell/screen.tsx';
import { More } from '../table/more.tsx';
import { Section } from '../table/section.tsx';
import { Empty } from '../words/empty.tsx';
import { Waiting } from '../words/waiting.tsx';
import { type Ask, type AskState, approvalStates, isAskState } from './ask.ts';
import { AskCard } from './ask-card.tsx';

const pageSize = 50;

function Approvals() {
  const search = useSearch({ strict: false }) as { state?: unknown }; // any address; what it says is checked
  const navigate = useNavigate();
  const state: AskState = isAskState(search.state) ? search.state : 'waiting';
  const asks = useInfiniteQuery({
    queryKey: ['approvals', state],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      got(
        api.GET('/v1/approvals', {
          params: { query: { state, limit: pageSize, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: ({ cursor }) => cursor,
  });
  return (
    <Screen title="Approvals">
      <Group gap="sm">
        <SegmentedControl
          aria-label="Which approvals"
          size="sm"
          data={approvalStates.map((value) => ({ value, label: value }))}
          value={state}
          onChange={(value) => void navigate({ to: '/approvals', search: value === 'waiting' ? {} : { state: value } })}
        />
      </Group>
      {asks.isPending ? (
        <Waiting />
      ) : asks.isError && asks.data === undefined ? (
        <Empty what="Approvals" why="cannot-load" error={asks.error} again={() => void asks.refetch()} />
      ) : (
        <Stack gap="lg">
          <Parts state={state} asks={asks.data?.pages.flatMap(({ items }) => items) ?? []} />
          <More pages={asks} what="approvals" />
        </Stack>
      )}
    </Screen>
  );
}

export { Approvals as screen };

function Parts({ state, asks }: { readonly state: AskState; readonly asks: readonly Ask[] }) {
  if (state !== 'waiting') return asks.length === 0 ? <Empty what={`Approvals that are ${state}`} why="none" /> : <Cards asks={asks} />;
  const mine = asks.filter(({ canGive }) => canGive);
  const own = asks.filter(({ mine: byMe, canGive }) => byMe && !canGive);
  const others = asks.filter(({ mine: byMe, canGive }) => !byMe && !canGive);
  return (
    <>
      <Section title="Waits for you">
        {mine.length === 0 ? (
          <Empty what="Plans and hand-overs" why="none" twin={['rekey', 'approval', 'ls']}>
            A plan that somebody else made, or a hand-over that somebody asked for, stands here until you approve or refuse it.
          </Empty>
        ) : (
          <Cards asks={mine} />
        )}
      </Section>
      {own.length === 0 ? null : (
        <Section title="You asked for">
          <Cards asks={own} />
        </Section>
      )}
      {others.length === 0 ? null : (
        <Section title="Waits for others">
          <Text size="sm" c="dimmed">
            Your approval is not what these wait for: you have given it, or you are no approver of theirs.
          </Text>
          <Cards asks={others} />
        </Section>
      )}
    </>
  );
}

function Cards({ asks }: { readonly asks: readonly Ask[] }) {
  return (
    <Stack gap="sm">
      {asks.map((ask) => (
        <AskCard key={ask.id} ask={ask} />
      ))}
    </Stack>
  );
}
