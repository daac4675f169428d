// One run, live: how it stands, its waves, its systems, its failures by cause, and then its items and its people.
import { SegmentedControl } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { Screen } from '../shell/screen.tsx';
import { Empty } from '../words/empty.tsx';
import { Waiting } from '../words/waiting.tsx';
import { useRunAddress } from './address.ts';
import { Failures } from './failures.tsx';
import { HeatStrip } from './heat-strip.tsx';
import { ItemDrawer } from './item-drawer.tsx';
import { Items } from './items.tsx';
import { RunActions } from './run-actions.tsx';
import { RunPeople } from './run-people.tsx';
import { useRun } from './run-queries.ts';
import { RunSummary } from './run-summary.tsx';
import { RunWaves } from './run-waves.tsx';
import css from './runs.module.css';

function RunScreen() {
  const { run: id = '' }: { run?: string } = useParams({ strict: false });
  const [address, go] = useRunAddress();
  const { data: run, isError, error, refetch } = useRun(id);
  if (run === undefined)
    return (
      <Screen title={`Run ${id}`}>
        {isError ? (
          <Empty what={`Run ${id}`} why="cannot-load" error={error} again={() => void refetch()} />
        ) : (
          <Waiting lines={6} height={48} />
        )}
      </Screen>
    );
  const moving = run.endedAt === null;
  const view = address.view === 'people' ? 'people' : 'items';
  return (
    <Screen title={`Run ${run.id}`} actions={<RunActions run={run} />}>
      {isError ? <Empty what="The latest state of the run" why="cannot-load" error={error} again={() => void refetch()} /> : null}
      <RunSummary run={run} />
      <div className={css.columns}>
        <RunWaves run={run} address={address} go={go} />
        <HeatStrip run={run.id} moving={moving} address={address} go={go} />
      </div>
      <Failures run={run} address={address} go={go} />
      <SegmentedControl
        aria-label="Show"
        value={view}
        onChange={(next) => go({ view: next === 'items' ? undefined : next })}
        data={[
          { value: 'items', label: 'Items' },
          { value: 'people', label: 'People' },
        ]}
        className={css.views}
      />
      {view === 'items' ? <Items run={run} address={address} go={go} /> : <RunPeople run={run.id} moving={moving} />}
      <p>
        <Link to="/evidence/$run" params={{ run: run.id }}>
          The evidence of this run
        </Link>
      </p>
      {address.item === undefined ? null : <ItemDrawer run={run} item={address.item} close={() => go({ item: undefined })} />}
    </Screen>
  );
}

export { RunScreen as screen };
