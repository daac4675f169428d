// The picture for a wall: read-only, large, without the name of any person or account.
import { Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { LiveWords } from '../live/live-words.tsx';
import { useNow } from '../words/clock.ts';
import { Empty } from '../words/empty.tsx';
import { OldBar } from '../words/old-bar.tsx';
import { OldLegend } from '../words/old-legend.tsx';
import { StateWord } from '../words/state-word.tsx';
import { clockOf } from '../words/times.ts';
import { Waiting } from '../words/waiting.tsx';
import { AccessTiles } from './access-tiles.tsx';
import { useNowView } from './use-now.ts';
import css from './wallboard.module.css';

function Wallboard() {
  const { data: now, isError, error, refetch } = useNowView();
  const clock = useNow();
  useEffect(() => {
    document.title = 'Wallboard · Rekey';
  }, []);
  return (
    <main id="main" className={css.wall}>
      <div className={css.top}>
        <Title order={1} size="h2">
          {now?.run === null || now === undefined ? 'Rekey' : (now.run.incident ?? now.run.name)}
        </Title>
        {now?.run == null ? null : (
          <Text size="xl" component="div" className="figures">
            <StateWord kind="run" state={now.run.state} />{' '}
            {now.run.endedAt === null ? `T+${clockOf(clock - Date.parse(now.run.startedAt))}` : ''}
          </Text>
        )}
        <LiveWords />
        <Link to="/">Leave the wallboard</Link>
      </div>
      {now === undefined ? (
        isError ? (
          <Empty what="The picture" why="cannot-load" error={error} again={() => void refetch()} />
        ) : (
          <Waiting lines={6} height={70} />
        )
      ) : now.run === null ? (
        <Text size="xl">Nothing has run in this estate yet.</Text>
      ) : (
        <>
          <AccessTiles now={now} />
          <ul className={css.systems}>
            {now.systems.map(({ system, old, state }) => (
              <li key={system}>
                <span>{system}</span>
                <OldBar sums={old} height={22} />
                {state === null ? <span>not begun</span> : <StateWord kind="lane" state={state} />}
              </li>
            ))}
          </ul>
          <OldLegend sums={now.old} />
        </>
      )}
    </main>
  );
}

export { Wallboard as screen };
