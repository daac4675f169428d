// The last thing on the page: the warnings once more, who approved, and the button that runs exactly this plan.
import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, got } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { Refusal } from '../api/refusal.ts';
import { useMay } from '../sign-in/session.ts';
import { useNow } from '../words/clock.ts';
import { Confirm } from '../words/confirm.tsx';
import { number, spanOf } from '../words/times.ts';
import { Approvals } from './approvals.tsx';
import { Drifted } from './drifted.tsx';
import { changesOf, type Plan, phraseOf, standingOf } from './plan-words.ts';

export function Apply({ plan }: { readonly plan: Plan }) {
  const [opened, { open, close }] = useDisclosure();
  const [stale, setStale] = useState<Refusal>();
  const navigate = useNavigate();
  const mayStart = useMay('run.start') !== undefined;
  const { kind } = standingOf(plan, useNow());
  const phrase = phraseOf(plan);
  const start = async (typed: string): Promise<void> => {
    try {
      const run = await got(api.POST('/v1/runs', { body: { plan: plan.id, ...(phrase === undefined ? {} : { confirm: typed }) } }));
      for (const queryKey of [['runs'], ['now'], ['plans'], ['plan', plan.id]]) await queries.invalidateQueries({ queryKey });
      await navigate({ to: '/runs/$run', params: { run: run.id } });
    } catch (error) {
      if (error instanceof Refusal && error.code === 'plan-stale') setStale(error);
      throw error;
    }
  };
  const { totals } = plan;
  return (
    <Stack gap="sm">
      {plan.warnings.length === 0 ? null : (
        <Alert color="orange" variant="outline" title="Read these again">
          <List size="sm" spacing={4}>
            {plan.warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {totals.unknownConsumers === 0 ? null : (
        <Text size="sm" fw={600} c="var(--rk-bad)">
          ? {number(totals.unknownConsumers)} consumers are unknown: what nobody declared is not moved to the new value and may stop
          working.
        </Text>
      )}
      <Approvals plan={plan} />
      {stale !== undefined || kind === 'expired' ? <Drifted plan={plan} refusal={stale} /> : null}
      {kind === 'nothing' ? <Text size="sm">Nothing to run: it resets and blocks no account.</Text> : null}
      {mayStart ? (
        <Group>
          <Button onClick={open} disabled={kind !== 'ready' || stale !== undefined} color="red.8">
            Apply: reset {number(changesOf(plan))} credentials
          </Button>
          {kind === 'waits' ? (
            <Text size="sm">
              Waits for{' '}
              <Link to="/approvals/$subject" params={{ subject: plan.id }}>
                its approval
              </Link>
              .
            </Text>
          ) : null}
        </Group>
      ) : (
        <Text size="sm">None of your roles may start a run: an operator does.</Text>
      )}
      <Confirm
        opened={opened}
        close={close}
        title={`Apply ${plan.name}`}
        verb={`Reset ${number(changesOf(plan))} credentials`}
        danger
        {...(phrase === undefined ? {} : { phrase })}
        act={({ phrase: typed }) => start(typed)}
        twin={() => ['rekey', 'apply', plan.id, ...(phrase === undefined ? ['--yes'] : ['--confirm', phrase])]}
      >
        {number(totals.rotate)} to rotate, {number(totals.contain)} to block, {number(totals.blocked)} left out as blocked. About{' '}
        {spanOf(plan.predicted.seconds * 1000)}. Wave 0 goes first and is proved before the next; Pause stops it at any time, and what was
        settled stays settled.
        {plan.warnings.length === 0 ? null : (
          <List size="sm">
            {plan.warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        )}
      </Confirm>
    </Stack>
  );
}
