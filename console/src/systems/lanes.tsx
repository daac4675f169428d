// Work under way at the system, lane by lane: what it waits for, and since when. Nothing is shown where nothing is under way.
import { Alert, List, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Schemas } from '../api/client.ts';
import { Since } from '../words/since.tsx';
import { StateWord } from '../words/state-word.tsx';

type Lane = Schemas['SystemDetail']['lanes'][number];

export function Lanes({ lanes }: { readonly lanes: readonly Lane[] }) {
  const open = lanes.filter((lane) => lane.state !== 'done');
  if (open.length === 0) return <Text size="sm">No run is at work here.</Text>;
  const halted = open.some((lane) => lane.state === 'halted');
  return (
    <Alert color={halted ? 'red' : 'teal'} variant="outline" title={halted ? 'Work here is halted' : 'A run is at work here'}>
      <List size="sm" listStyleType="none">
        {open.map((lane) => (
          <List.Item key={`${lane.run} ${lane.wave} ${lane.reason}`}>
            <Link to="/runs/$run" params={{ run: lane.run }}>
              {lane.run}
            </Link>{' '}
            wave {lane.wave}: <StateWord kind="lane" state={lane.state} />
            {lane.reason === null ? null : `, ${lane.reason}`}
            {lane.since === null ? null : (
              <>
                , <Since at={lane.since} exact />
              </>
            )}
            {lane.perSecond === null ? null : `, ${Math.round(lane.perSecond * 10) / 10} a second`}
            {lane.concurrency === null ? null : `, ${lane.concurrency} at a time`}
          </List.Item>
        ))}
      </List>
      {halted ? (
        <Text size="sm">
          Its breaker opened: nothing more is sent there. When the reason is gone, retry the run’s failed items; the other systems go on
          without it.
        </Text>
      ) : null}
    </Alert>
  );
}
