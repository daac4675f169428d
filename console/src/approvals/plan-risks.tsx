// What a plan would do and what it would not, with the bad news as large as the good: an approver signs for both.
import { Alert, List, SimpleGrid, Stack, Text } from '@mantine/core';
import type { Schemas } from '../api/client.ts';
import { Rows } from '../table/rows.tsx';
import { Section } from '../table/section.tsx';
import { number, spanOf } from '../words/times.ts';
import css from './plan-risks.module.css';

type Plan = Schemas['Plan'];

export function PlanRisks({ plan }: { readonly plan: Plan }) {
  const { totals, predicted, warnings, waves } = plan;
  const figures: readonly (readonly [name: string, n: number, tone?: string])[] = [
    ['reset', totals.rotate],
    ['contained', totals.contain],
    ['by hand', totals.byHand],
    ['blocked', totals.blocked, totals.blocked > 0 ? 'bad' : undefined],
    ['skipped', totals.skipped],
    ['of tier 0', totals.tier0, totals.tier0 > 0 ? 'warn' : undefined],
    ['consumers', totals.consumers],
    ['without known consumers', totals.unknownConsumers, totals.unknownConsumers > 0 ? 'warn' : undefined],
  ] as readonly (readonly [string, number, string?])[];
  return (
    <>
      <Section title="What it does">
        <Text size="sm">
          Selects <code>{plan.where}</code>: {number(totals.selected)} credentials in {waves.length} waves, mode {plan.mode}
          {plan.rollback ? ', with rollback' : ''}.
        </Text>
        <SimpleGrid cols={{ base: 2, xs: 4 }} spacing="xs">
          {figures.map(([name, n, tone]) => (
            <div key={name} className={css.figure} data-tone={tone}>
              <span className={css.number}>{number(n)}</span>
              <span>{name}</span>
            </div>
          ))}
        </SimpleGrid>
        <Text size="sm">
          Predicted {spanOf(predicted.seconds * 1000)}, between {spanOf(predicted.low * 1000)} and {spanOf(predicted.high * 1000)}.
        </Text>
      </Section>
      <Section title="Blockers">
        <Reasons of={plan.blockers} none="Nothing is blocked." />
      </Section>
      <Section title="Not covered">
        <Reasons of={plan.notCovered} none="Everything selected is covered." />
      </Section>
      <Section title="Warnings">
        {warnings.length === 0 ? (
          <Text size="sm">No warnings.</Text>
        ) : (
          <Alert color="orange" variant="outline" title={`! ${warnings.length === 1 ? 'One warning' : `${warnings.length} warnings`}`}>
            <List size="sm">
              {warnings.map((warning) => (
                <List.Item key={warning}>{warning}</List.Item>
              ))}
            </List>
          </Alert>
        )}
      </Section>
    </>
  );
}

function Reasons({ of, none }: { readonly of: Plan['blockers']; readonly none: string }) {
  if (of.length === 0) return <Text size="sm">{none}</Text>;
  return (
    <Rows
      caption="Reasons with counts"
      rows={of}
      keyOf={({ reason }) => reason}
      columns={[
        { name: 'Reason', heads: true, cell: ({ reason }) => reason.replaceAll('-', ' ') },
        { name: 'Credentials', numeric: true, cell: ({ count }) => number(count) },
        {
          name: 'What it means',
          cell: ({ hint, sample }) => (
            <Stack gap={2}>
              <span>{hint}</span>
              <Text size="xs" c="dimmed">
                {sample.slice(0, 3).join(', ')}
                {sample.length > 3 ? ' …' : ''}
              </Text>
            </Stack>
          ),
        },
      ]}
    />
  );
}
