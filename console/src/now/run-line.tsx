// Which run the picture is of, in one line: incident, name, state, since when, by whom, and how long it was thought to take.
import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Since } from '../words/since.tsx';
import { StateWord } from '../words/state-word.tsx';
import { spanOf } from '../words/times.ts';
import type { Now } from './use-now.ts';

export function RunLine({ run }: { readonly run: NonNullable<Now['run']> }) {
  return (
    <Text size="sm" component="div">
      {run.incident === null ? null : <strong>{run.incident} · </strong>}
      <Link to="/runs/$run" params={{ run: run.id }}>
        {run.id}
      </Link>{' '}
      “{run.name}” · <StateWord kind="run" state={run.state} /> · {run.endedAt === null ? 'started' : 'ended'}{' '}
      <Since at={run.endedAt ?? run.startedAt} /> by {run.startedBy}
      {run.predicted === null || run.endedAt !== null ? null : (
        <>
          {' '}
          · predicted {spanOf(run.predicted.low * 1000)} to {spanOf(run.predicted.high * 1000)}
        </>
      )}
    </Text>
  );
}
