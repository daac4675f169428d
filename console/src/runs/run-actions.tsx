// What may be done about a run beside Pause: take items up again by state, or end it.
import { Button, Checkbox, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { queries } from '../api/queries.ts';
import { useMay } from '../sign-in/session.ts';
import { Confirm } from '../words/confirm.tsx';
import { saidOf } from '../words/states.ts';
import { number } from '../words/times.ts';
import { totalOf } from './progress.ts';
import type { Item, Run } from './run-queries.ts';
import { abortRun, retryRun } from './steer.ts';

const retried: readonly Item['state'][] = [
  'failed',
  'in-doubt',
  'rolled-back',
  'residual',
  'applied',
  'propagated',
  'revoked',
  'proved',
  'contained',
];

/** On their way in every run; where some of them were parked, a person may have them taken up again. */
const halfWay: readonly Item['state'][] = ['planned', 'sealed', 'sent'];

export function RunActions({ run }: { readonly run: Run }) {
  const [asking, ask] = useState<'abort' | 'retry' | undefined>();
  const [chosen, choose] = useState<string[]>(['failed', 'in-doubt', ...halfWay]);
  const ended = run.endedAt !== null;
  const mayAbort = useMay('run.abort') !== undefined && !ended;
  const there = [...retried, ...(run.parked > 0 ? halfWay : [])].filter((state) => (run.counts[state] ?? 0) > 0);
  const mayRetry = useMay('run.retry') !== undefined && there.length > 0;
  const states = there.filter((state) => chosen.includes(state));
  const done = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['run', run.id] });
    await queries.invalidateQueries({ queryKey: ['now'] });
  };
  const phrase = `${run.id} ${totalOf(run.progress)}`;
  return (
    <Group gap="sm">
      {mayRetry ? (
        <Button variant="default" size="compact-md" onClick={() => ask('retry')}>
          Retry …
        </Button>
      ) : null}
      {mayAbort ? (
        <Button variant="default" className="danger" size="compact-md" onClick={() => ask('abort')}>
          Abort …
        </Button>
      ) : null}
      <Confirm
        opened={asking === 'retry'}
        close={() => ask(undefined)}
        title={`Retry ${run.id}`}
        verb={states.length === 0 ? 'Choose a state' : 'Take them up again'}
        act={() => retryRun(run.id, states).then(done)}
        twin={() => ['rekey', 'run', 'retry', run.id, '--state', states.join(',')]}
      >
        <Stack gap="xs">
          Items that stopped in these states are taken up again, from the step they reached. What is settled is not touched; a doubt is
          probed before anything is sent.
          <Checkbox.Group label="States" value={chosen} onChange={choose}>
            <Stack gap={6} mt={4}>
              {there.map((state) => (
                <Checkbox key={state} value={state} label={`${saidOf('item', state).word}: ${number(run.counts[state] ?? 0)}`} />
              ))}
            </Stack>
          </Checkbox.Group>
        </Stack>
      </Confirm>
      <Confirm
        opened={asking === 'abort'}
        close={() => ask(undefined)}
        title={`Abort ${run.id}`}
        verb="Abort the run"
        danger
        reason="mandatory"
        phrase={phrase}
        act={({ reason }) => abortRun(run.id, reason).then(done)}
        twin={(reason) => ['rekey', 'run', 'abort', run.id, '--reason', reason]}
      >
        The run ends. What was not sent stays as it was: {number(run.counts.planned ?? 0)} items keep their old secret. What is on its way
        is settled first. A retry can take items up again.
      </Confirm>
    </Group>
  );
}
