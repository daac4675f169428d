// The run in the header: which, in what state, for how long. Stands on every page.
import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Now } from '../now/use-now.ts';
import { useNow } from '../words/clock.ts';
import { StateWord } from '../words/state-word.tsx';
import { clockOf } from '../words/times.ts';
import { type ActiveRun, useActiveRuns } from './active-run.ts';
import css from './shell.module.css';

export function RunClock() {
  const { data, waves } = useActiveRuns();
  const [run, ...more] = data ?? [];
  if (run === undefined)
    return (
      <Text size="sm" c="dimmed" className={css.clock}>
        no run under way
      </Text>
    );
  return <Running run={run} waves={waves} more={more.length} />;
}

function Running({ run, waves, more }: { readonly run: ActiveRun; readonly waves: Now['waves']; readonly more: number }) {
  const now = useNow();
  const at = waves.findIndex((wave) => wave.state !== 'done');
  return (
    <Text size="sm" component="div" className={css.clock}>
      <Link to="/runs/$run" params={{ run: run.id }}>
        {run.id}
      </Link>{' '}
      <StateWord kind="run" state={run.state} />{' '}
      {at < 0 ? null : (
        <span className={css.wide}>
          wave {at + 1} of {waves.length}{' '}
        </span>
      )}
      <span className="figures" title={`since ${run.startedAt}`}>
        T+{clockOf(now - Date.parse(run.startedAt))}
      </span>
      {more === 0 ? null : ` and ${more} more`}
    </Text>
  );
}
