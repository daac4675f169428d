// Pause and resume, on every page. Pausing stops sending, settles what is on its way, and can be undone; its reason is what everybody then reads.
import { Button, Select, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { queries } from '../api/queries.ts';
import { pauseRun, resumeRun } from '../runs/steer.ts';
import { useMay } from '../sign-in/session.ts';
import { Confirm } from '../words/confirm.tsx';
import { Since } from '../words/since.tsx';
import { useActiveRuns } from './active-run.ts';

export function Pause() {
  const { data: runs = [] } = useActiveRuns();
  const [opened, { open, close }] = useDisclosure();
  const [chosen, choose] = useState<string | null>(null);
  const mayPause = useMay('run.pause') !== undefined;
  const mayResume = useMay('run.resume') !== undefined;
  const run = runs.find((each) => each.id === chosen) ?? runs[0];
  const paused = run?.state === 'paused';
  if (!mayPause && !(paused && mayResume)) return null;
  const why = run === undefined ? 'No run is under way' : paused && !mayResume ? 'It is paused; an operator resumes it' : undefined;
  const act = async ({ reason }: { readonly reason: string }): Promise<void> => {
    if (run === undefined) return;
    await (paused ? resumeRun(run.id) : pauseRun(run.id, reason));
    await queries.invalidateQueries({ queryKey: ['runs'] });
    await queries.invalidateQueries({ queryKey: ['run', run.id] });
    await queries.invalidateQueries({ queryKey: ['now'] });
  };
  return (
    <>
      <Button
        size="compact-md"
        variant={paused ? 'filled' : 'default'}
        onClick={open}
        disabled={why !== undefined}
        title={why}
        className={paused ? 'pause' : 'pause danger'}
      >
        {paused ? 'Resume' : 'Pause'}
      </Button>
      {run === undefined ? null : (
        <Confirm
          opened={opened}
          close={close}
          title={paused ? `Resume ${run.id}` : `Pause ${run.id}`}
          verb={paused ? 'Resume the run' : 'Pause the run'}
          danger={!paused}
          reason={paused ? 'none' : 'mandatory'}
          act={act}
          twin={(reason) => (paused ? ['rekey', 'run', 'resume', run.id] : ['rekey', 'run', 'pause', run.id, '--reason', reason])}
        >
          <Stack gap="xs">
            {runs.length < 2 ? null : (
              <Select
                label="Which run"
                data={runs.map((each) => ({ value: each.id, label: `${each.id}, ${each.state}` }))}
                value={run.id}
                onChange={choose}
                allowDeselect={false}
              />
            )}
            {paused && run.halt !== null ? (
              <Text size="sm">
                Paused by {run.halt.by} <Since at={run.halt.at} exact />: {run.halt.reason}
              </Text>
            ) : null}
            <Text size="sm">
              {paused
                ? 'Sending goes on where it stopped. Nothing that was settled is written again.'
                : 'No further credential is sent. What is on its way is settled first, so nobody is left between two passwords. Resume undoes it.'}
            </Text>
          </Stack>
        </Confirm>
      )}
    </>
  );
}
