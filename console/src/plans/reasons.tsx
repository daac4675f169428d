// What a plan does not do, as loud as what it does: each reason with its number, examples and the remedy.
import { Alert, List, Text } from '@mantine/core';
import type { Schemas } from '../api/client.ts';
import { number } from '../words/times.ts';
import type { Plan } from './plan-words.ts';

export type ReasonsProps = {
  readonly title: string;
  readonly empty: string;
  readonly reasons: readonly Schemas['ReasonCount'][];
  readonly plan: Plan;
  readonly tone: 'bad' | 'warn';
};

export function Reasons({ title, empty, reasons, tone }: ReasonsProps) {
  const total = reasons.reduce((n, each) => n + each.count, 0);
  if (total === 0)
    return (
      <Alert color="gray" variant="outline" title={title}>
        <Text size="sm">{empty}</Text>
      </Alert>
    );
  return (
    <Alert color={tone === 'bad' ? 'red' : 'orange'} variant="outline" title={`${title}: ${number(total)}`}>
      <List size="sm" spacing={6} listStyleType="none">
        {reasons.map(({ reason, count, sample, hint }) => (
          <List.Item key={reason}>
            <b>{number(count)}</b> {reason.replaceAll('-', ' ')}
            {sample.length === 0 ? '' : `: ${sample.join(', ')}${count > sample.length ? ' …' : ''}`}
            {hint === '' ? null : <Text size="sm">Next: {hint}</Text>}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
