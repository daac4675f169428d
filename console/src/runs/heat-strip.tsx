// Every system of the run as one bar: how its old secrets stand, whether it works, and if not why and since when. One that is chosen filters the items.
import { Text, Title, UnstyledButton } from '@mantine/core';
import { Empty } from '../words/empty.tsx';
import { OldBar } from '../words/old-bar.tsx';
import { OldLegend } from '../words/old-legend.tsx';
import { type OldSums, oldSecrets } from '../words/old-secret.ts';
import { Since } from '../words/since.tsx';
import { StateWord } from '../words/state-word.tsx';
import { Waiting } from '../words/waiting.tsx';
import type { RunAddress } from './address.ts';
import { type RunSystem, useRunSystems } from './run-queries.ts';
import css from './runs.module.css';

type Props = {
  readonly run: string;
  readonly moving: boolean;
  readonly address: RunAddress;
  readonly go: (change: { readonly system: string | undefined }) => void;
};

export function HeatStrip({ run, moving, address, go }: Props) {
  const { data, isError, error, refetch } = useRunSystems(run, moving);
  return (
    <section aria-labelledby="systems">
      <Title order={2} size="h5" id="systems" mb={4}>
        Systems
      </Title>
      {data === undefined ? (
        isError ? (
          <Empty what="Systems of the run" why="cannot-load" error={error} again={() => void refetch()} />
        ) : (
          <Waiting lines={5} />
        )
      ) : (
        <>
          <ul className={css.rows}>
            {data.items.map((system) => (
              <Row key={system.system} system={system} chosen={address.system === system.system} go={go} />
            ))}
          </ul>
          <OldLegend sums={allOf(data.items)} />
        </>
      )}
    </section>
  );
}

function Row({ system, chosen, go }: { readonly system: RunSystem; readonly chosen: boolean; readonly go: Props['go'] }) {
  return (
    <li>
      <UnstyledButton
        className={css.system}
        aria-pressed={chosen}
        onClick={() => go({ system: chosen ? undefined : system.system })}
        title={chosen ? 'Show the items of all systems' : `Show only the items of ${system.system}`}
      >
        <span className={css.cut}>{system.system}</span>
        <OldBar sums={system.old} height={14} />
        {system.state === null ? <span>not begun</span> : <StateWord kind="lane" state={system.state} />}
      </UnstyledButton>
      {system.reason === null ? null : (
        <Text size="xs" c="dimmed">
          {system.reason}
          {system.since === null ? null : (
            <>
              {' · since '}
              <Since at={system.since} />
            </>
          )}
        </Text>
      )}
    </li>
  );
}

function allOf(systems: readonly RunSystem[]): OldSums {
  const sums: OldSums = {};
  for (const { key } of oldSecrets) {
    const n = systems.reduce((each, { old }) => each + (old[key] ?? 0), 0);
    if (n > 0) sums[key] = n;
  }
  return sums;
}
