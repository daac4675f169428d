// Why work at a system does not go on: state, reason, since when, and the run it is about.
import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Schemas } from '../api/client.ts';
import { Since } from '../words/since.tsx';
import { StateWord } from '../words/state-word.tsx';

export function TroubleWord({ trouble }: { readonly trouble: Schemas['System']['trouble'] }) {
  if (trouble === null) return <Text size="sm">nothing stands in the way</Text>;
  const { run, state, reason, since } = trouble;
  return (
    <Text size="sm" component="div">
      <StateWord kind="lane" state={state} />
      {reason === null ? null : `: ${reason}`}
      {since === null ? null : (
        <>
          , <Since at={since} />
        </>
      )}{' '}
      <Link to="/runs/$run" params={{ run }} style={{ whiteSpace: 'nowrap' }}>
        {run}
      </Link>
    </Text>
  );
}
