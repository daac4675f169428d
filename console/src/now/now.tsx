// Now: what the attacker can still use, where the run is, what needs somebody, which system is in trouble. All of it without scrolling.
import { Screen } from '../shell/screen.tsx';
import { Empty } from '../words/empty.tsx';
import { Waiting } from '../words/waiting.tsx';
import { AccessTiles } from './access-tiles.tsx';
import { FirstSteps } from './first-steps.tsx';
import { Needs } from './needs.tsx';
import css from './now.module.css';
import { People } from './people.tsx';
import { RunLine } from './run-line.tsx';
import { SystemStrip } from './system-strip.tsx';
import { Timeline } from './timeline.tsx';
import { useNowView } from './use-now.ts';
import { Waves } from './waves.tsx';

function NowScreen() {
  const { data: now, error, isError, refetch, dataUpdatedAt } = useNowView();
  const since = dataUpdatedAt === 0 ? {} : { since: new Date(dataUpdatedAt).toISOString() };
  if (now === undefined)
    return (
      <Screen title="Now">
        {isError ? (
          <Empty what="The picture of the estate" why="cannot-load" error={error} again={() => void refetch()} {...since} />
        ) : (
          <Waiting lines={6} height={60} />
        )}
      </Screen>
    );
  const { run } = now;
  return (
    <Screen title="Now" actions={run === null ? null : <RunLine run={run} />}>
      {isError ? <Empty what="The latest picture" why="cannot-load" error={error} again={() => void refetch()} {...since} /> : null}
      {run === null ? (
        <FirstSteps now={now} />
      ) : (
        <div className={css.page}>
          <AccessTiles now={now} />
          <div className={css.columns}>
            <div className={css.column}>
              <Waves now={now} run={run} />
              <Needs now={now} />
            </div>
            <div className={css.column}>
              <SystemStrip now={now} run={run} />
              <People now={now} />
              <Timeline now={now} />
            </div>
          </div>
        </div>
      )}
    </Screen>
  );
}

export { NowScreen as screen };
