// A plan that holds no longer: expired, or the estate is not the one it was made for. Says what changed, and makes it again in one step.
import { Alert, Button, Group, List, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Refusal } from '../api/refusal.ts';
import { CliTwin } from '../words/cli-twin.tsx';
import { type Plan, planAgain } from './plan-words.ts';

export function Drifted({ plan, refusal }: { readonly plan: Plan; readonly refusal: Refusal | undefined }) {
  const { where, reason, incident, mode } = plan;
  return (
    <Alert
      color="red"
      variant="outline"
      title={refusal === undefined ? 'This plan expired' : 'The estate is not the one this was planned for'}
    >
      <Text size="sm">
        {refusal === undefined ? 'It is not run any more, approved or not.' : `${refusal.message}.`} What was approved is not what would
        happen now, so nothing was started.
      </Text>
      {refusal === undefined ? null : (
        <List size="sm" my={4}>
          {refusal.details.map(({ place, message }) => (
            <List.Item key={`${place} ${message}`}>
              <b>{place}</b> {message}
            </List.Item>
          ))}
        </List>
      )}
      <Group my={6}>
        <Button
          size="compact-md"
          variant="default"
          renderRoot={(props) => (
            <Link to="/plans/new" search={{ where, reason, mode, ...(incident === null ? {} : { incident }) }} {...props} />
          )}
        >
          Plan again
        </Button>
      </Group>
      <CliTwin words={planAgain(plan)} />
    </Alert>
  );
}
