// A plan as somebody who must answer for it reads it: what, in which order, what is left out, what can go wrong, and only then the button.
import { Code, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { api, got } from '../api/client.ts';
import { Screen } from '../shell/screen.tsx';
import { Section } from '../systems/section.tsx';
import { CliTwin } from '../words/cli-twin.tsx';
import { Empty } from '../words/empty.tsx';
import { spanOf } from '../words/times.ts';
import { Waiting } from '../words/waiting.tsx';
import { Apply } from './apply.tsx';
import { lastPart, NextStep } from './next-step.tsx';
import { PlanHeader } from './plan-header.tsx';
import { PlanItems } from './plan-items.tsx';
import { PlanSync } from './plan-sync.tsx';
import { PlanTotals } from './plan-totals.tsx';
import { PlanWaves } from './plan-waves.tsx';
import { Reasons } from './reasons.tsx';

const Blast = lazy(() => import('./blast.tsx').then(({ Blast }) => ({ default: Blast })));

function PlanScreen() {
  const { plan: id = '' } = useParams({ strict: false });
  const found = useQuery({
    queryKey: ['plan', id],
    queryFn: ({ signal }) => got(api.GET('/v1/plans/{id}', { params: { path: { id } }, signal })),
  });
  const plan = found.data;
  if (plan === undefined)
    return (
      <Screen title={`Plan ${id}`}>
        {found.isError ? (
          <Empty what={`Plan ${id}`} why="cannot-load" error={found.error} again={() => void found.refetch()} />
        ) : (
          <Waiting lines={12} />
        )}
      </Screen>
    );
  const { predicted, people } = plan;
  return (
    <Screen title={`Plan ${plan.name}`} actions={<NextStep plan={plan} />}>
      <PlanHeader plan={plan} />
      <PlanTotals totals={plan.totals} waves={plan.waves.length} />
      <Text size="sm">
        Takes about <b>{spanOf(predicted.seconds * 1000)}</b> ({spanOf(predicted.low * 1000)} to {spanOf(predicted.high * 1000)}) by what
        these systems took before.
        {people.count === 0
          ? ''
          : ` ${people.count} people are touched${people.further === 0 ? '' : `; ${people.further} of them have accounts that are not in this plan`}.`}
      </Text>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" style={{ alignItems: 'start' }}>
        <Reasons title="! Blocked" empty="Nothing is blocked." reasons={plan.blockers} plan={plan} tone="bad" />
        <Reasons
          title="? Not covered"
          empty="Nothing is left uncovered that Rekey knows of."
          reasons={plan.notCovered}
          plan={plan}
          tone="warn"
        />
      </SimpleGrid>
      <Section title="Waves">
        <PlanWaves waves={plan.waves} />
      </Section>
      {plan.sync.length === 0 ? null : (
        <Section title="One value for one person">
          <PlanSync groups={plan.sync} />
        </Section>
      )}
      <Section title="What it touches">
        <Suspense fallback={<Waiting lines={6} height={40} />}>
          <Blast plan={plan.id} />
        </Suspense>
      </Section>
      <Section title="Every credential">
        <PlanItems plan={plan} />
      </Section>
      <Section title="Before it runs" id={lastPart}>
        <Stack gap="sm">
          <Apply plan={plan} />
          <Text size="xs" c="dimmed">
            Hash <Code>{plan.hash}</Code>: approvals are over it, and exactly this runs or nothing.
          </Text>
        </Stack>
      </Section>
      <CliTwin words={['rekey', 'plan', 'show', plan.id]} />
    </Screen>
  );
}

export { PlanScreen as screen };
