// The picture for a wall: read-only, large, without the name of any person or account.
import { Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { LiveWords } from '../live/live-words.tsx';
import { closedOf, together, totalOf } from '../runs/progress.ts';
import { WaveBar, WaveLegend } from '../runs/wave-bar.tsx';
import { useNow } from '../words/clock.ts';
import { Empty } from '../words/empty.tsx';
import { OldBar } from '../words/old-bar.tsx';
import { Since } from '../words/since.tsx';
import { StateWord } from '../words/state-word.tsx';
import { clockOf, number } from '../words/times.ts';
import { Waiting } from '../words/waiting.tsx';
import { AccessTiles } from './access-tiles.tsx';
import { byTrouble } from './by-trouble.ts';
import { type Now, useNowView } from './use-now.ts';
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
            {now.needs.length === 0 ? '' : ` · ${number(now.needs.length)} need somebody`}
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
          <div className={css.halves}>
            <Systems systems={byTrouble(now.systems)} />
            <Waves waves={now.waves} />
          </div>
        </>
      )}
    </main>
  );
}

export { Wallboard as screen };

/** As many as can be read across a room. */
const shown = 8;

function Systems({ systems }: { readonly systems: readonly Now['systems'][number][] }) {
  return (
    <section aria-labelledby="systems" className={css.half}>
      <Title order={2} size="h4" id="systems">
        Systems
      </Title>
      <ul className={css.rows}>
        {systems.slice(0, shown).map(({ system, old, state, since }) => (
          <li key={system}>
            <span className={css.name}>{system}</span>
            <OldBar sums={old} height={22} />
            <span>
              {state === null ? 'not begun' : <StateWord kind="lane" state={state} />}
              {state === 'halted' && since !== null ? (
                <Text size="sm" c="dimmed" component="span" display="block">
                  <Since at={since} />
                </Text>
              ) : null}
            </span>
          </li>
        ))}
      </ul>
      {systems.length > shown ? <Text>{systems.length - shown} more</Text> : null}
    </section>
  );
}

/** The first that is not over, and what surrounds it: a run may have more waves than a wall has room. */
function Waves({ waves }: { readonly waves: Now['waves'] }) {
  const at = waves.findIndex(({ state }) => state !== 'done');
  const from = Math.max(0, Math.min((at < 0 ? waves.length : at) - shown + 2, waves.length - shown));
  return (
    <section aria-labelledby="waves" className={css.half}>
      <Title order={2} size="h4" id="waves">
        Where the run is
      </Title>
      <ul className={css.rows}>
        {waves.slice(from, from + shown).map(({ n, name, state, progress }) => (
          <li key={n}>
            <span className={css.name}>
              {n} {name}
            </span>
            <span className={css.bar}>
              <WaveBar sums={progress} />
              <span className="figures">
                {number(closedOf(progress))}/{number(totalOf(progress))}
              </span>
            </span>
            <StateWord kind="wave" state={state} />
          </li>
        ))}
      </ul>
      {waves.length > shown ? <Text>{waves.length - shown} more</Text> : null}
      <WaveLegend sums={together(waves.map(({ progress }) => progress))} />
    </section>
  );
}
