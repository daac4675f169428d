// Pause and resume, on every page. Pausing stops sending, settles what is on its way, and can be undone; its reason is what everybody then reads.
import { Button, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { queries } from '../api/queries.ts';
import { pauseRun, resumeRun } from '../runs/steer.ts';
import { useMay } from '../sign-in/session.ts';
import { Confirm } from '../words/confirm.tsx';
import { Since } from '../words/since.tsx';
import { type ActiveRun, useActiveRuns } from './active-run.ts';

/** What was asked when the dialog opened. A run that is paused meanwhile must not turn the question into its opposite under the pointer. */
type Asked = { readonly run: string; readonly verb: 'pause' | 'resume' };

const verbFor = ({ state }: ActiveRun): Asked['verb'] => (state === 'paused' ? 'resume' : 'pause');

export function Pause() {
  const { data: runs = [] } = useActiveRuns();
  const [asked, ask] = useState<Asked | undefined>();
  const mayPause = useMay('run.pause') !== undefined;
  const mayResume = useMay('run.resume') !== undefined;
  const first = runs[0];
  const paused = first?.state === 'paused';
  if (!mayPause && !(paused && mayResume)) return null;
  const why = first === undefined ? 'No run is under way' : paused && !mayResume ? 'It is paused; an operator resumes it' : undefined;
  const about = (run: ActiveRun | undefined): void => ask(run === undefined ? undefined : { run: run.id, verb: verbFor(run) });
  return (
    <>
      <Button
        size="compact-md"
        variant={paused ? 'filled' : 'default'}
        onClick={() => about(first)}
        disabled={why !== undefined}
        title={why}
        className={paused ? 'pause' : 'pause danger'}
      >
        {paused ? 'Resume' : 'Pause'}
      </Button>
      {asked === undefined ? null : <AskPause asked={asked} runs={runs} about={about} close={() => ask(undefined)} />}
    </>
  );
}

type AskProps = {
  readonly asked: Asked;
  readonly runs: readonly ActiveRun[];
  readonly about: (run: ActiveRun | undefined) => void;
  readonly close: () => void;
};

function AskPause({ asked: { run: id, verb }, runs, about, close }: AskProps) {
  const run = runs.find((each) => each.id === id);
  const resume = verb === 'resume';
  const act = async ({ reason }: { readonly reason: string }): Promise<void> => {
    await (resume ? resumeRun(id) : pauseRun(id, reason));
    await queries.invalidateQueries({ queryKey: ['runs'] });
    await queries.invalidateQueries({ queryKey: ['run', id] });
    await queries.invalidateQueries({ queryKey: ['now'] });
  };
  return (
    <Confirm
      opened
      close={close}
      title={resume ? `Resume ${id}` : `Pause ${id}`}
      verb={resume ? 'Resume the run' : 'Pause the run'}
      danger={!resume}
      reason={resume ? 'none' : 'mandatory'}
      act={act}
      twin={(reason) => (resume ? ['rekey', 'run', 'resume', id] : ['rekey', 'run', 'pause', id, '--reason', reason])}
    >
      <Stack gap="xs">
        {runs.length < 2 ? null : (
          <Select
            label="Which run"
            data={runs.map((each) => ({ value: each.id, label: `${each.id}, ${each.state}` }))}
            value={id}
            onChange={(next) => about(runs.find((each) => each.id === next))}
            allowDeselect={false}
          />
        )}
        {resume && run !== undefined && run.halt !== null ? (
          <Text size="sm">
            Paused by {run.halt.by} <Since at={run.halt.at} exact />: {run.halt.reason}
          </Text>
        ) : null}
        <Text size="sm">
          {resume
            ? 'Sending goes on where it stopped. Nothing that was settled is written again.'
            : 'No further credential is sent. What is on its way is settled first, so nobody is left between two passwords. Resume undoes it.'}
        </Text>
      </Stack>
    </Confirm>
  );
}
