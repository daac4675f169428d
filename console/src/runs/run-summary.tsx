// How the run stands in a few lines: state with why, since and by whom; items, cells and applications; how long old secrets were open.
import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useNow } from '../words/clock.ts';
import { Since } from '../words/since.tsx';
import { StateWord } from '../words/state-word.tsx';
import { clockOf, number, spanOf } from '../words/times.ts';
import { closedOf, totalOf, wrongOf } from './progress.ts';
import type { Run } from './run-queries.ts';
import css from './runs.module.css';

export function RunSummary({ run }: { readonly run: Run }) {
  const now = useNow();
  const lasted = (run.endedAt === null ? now : Date.parse(run.endedAt)) - Date.parse(run.startedAt);
  const { cells, consumers, exposure } = run;
  const after = (seconds: number | null): string => (seconds === null ? 'not yet' : spanOf(seconds * 1000));
  const applications = Object.values(consumers).reduce((n, each) => n + (each ?? 0), 0);
  const wrong = wrongOf(run.progress);
  return (
    <dl className={css.summary}>
      <Fact name="State">
        <StateWord kind="run" state={run.state} /> · <span className="figures">T+{clockOf(lasted)}</span>
        {run.halt === null || (run.endedAt !== null && run.state !== 'aborted') ? null : (
          <Text size="xs">
            {run.halt.reason} · by {run.halt.by} · <Since at={run.halt.at} exact />
            {run.state === 'paused' ? ' · ends when an operator resumes it' : ''}
          </Text>
        )}
      </Fact>
      <Fact name="Items">
        {number(closedOf(run.progress))} of {number(totalOf(run.progress))} closed
        {wrong === 0 ? '' : `, ${number(wrong)} failed or stopped`}
      </Fact>
      <Fact name="Old secret on each path">
        {number(cells.proved)} refused, {number(cells.notProved)} not proved, {number(cells.residual)} residual
        {cells.inferred === 0 ? '' : `, ${number(cells.inferred)} inferred`}
        {cells.excepted === 0 ? '' : `, ${number(cells.excepted)} accepted open`}
      </Fact>
      <Fact name="Applications">
        {applications === 0
          ? 'none known'
          : `${number((consumers.adopted ?? 0) + (consumers.exempt ?? 0))} of ${number(applications)} on the new one, ${number(consumers.failed ?? 0)} failed`}
      </Fact>
      <Fact name="Refused after">
        first {after(exposure.firstDenied)}, half {after(exposure.p50)}, 95 % {after(exposure.p95)}, last {after(exposure.lastDenied)}
      </Fact>
      <Fact name="Plan">
        <Link to="/plans/$plan" params={{ plan: run.plan }}>
          {run.plan}
        </Link>
        , mode {run.mode}, started <Since at={run.startedAt} /> by {run.startedBy}
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="figures">{children}</dd>
    </div>
  );
}
