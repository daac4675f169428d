// The reconciler of one run: looks at what is, does the one next thing, and may be called at any time, by any worker, any number of times.
import { entryLine } from '../domain/entry.ts';
import { endOf } from '../domain/run.ts';
import type { RunSnapshot, RunStore, RunTally, SystemResult, WaveSnapshot } from './run-port.ts';

export type Advance = {
  readonly runs: RunStore;
  readonly sendLane: (lane: string) => Promise<void>;
  readonly now: () => Date;
};

/** Over a tenth of what was begun, and more than 20 items, going wrong stops the run for a person to look: the cause is not one account. */
const guard = { share: 0.1, least: 20 };

export async function advance(deps: Advance, run: string): Promise<void> {
  await deps.runs.transaction(async () => {
    const snapshot = await deps.runs.lock(run);
    if (snapshot === undefined || snapshot.state !== 'running') return;
    for (const wave of snapshot.waves) {
      if (wave.state === 'done') continue;
      if (wave.state === 'held') return;
      if (wave.state === 'waiting') {
        const tally = await deps.runs.tally(snapshot.key);
        const reason = wave.released ? undefined : guardrail(snapshot.id, tally);
        if (reason !== undefined) return hold(deps, snapshot, wave, reason);
        const halted = (system: string): string | undefined => (wave.n === 0 ? undefined : haltedByCanary(tally, system));
        await begin(deps, snapshot, wave, halted);
        if (wave.lanes.some((l) => l.open > 0 && halted(l.system) === undefined)) return;
      } else {
        for (const lane of wave.lanes) if (lane.state !== 'done' && lane.state !== 'halted' && lane.stale) await deps.sendLane(lane.lane);
        if (wave.lanes.some((l) => l.state === 'waiting' || l.state === 'running')) return;
      }
      await deps.runs.setWave(
        snapshot.key,
        wave.n,
        'done',
        null,
        entryLine('wave', deps.now(), { run: snapshot.id, wave: wave.n, state: 'done' }),
      );
    }
    const { counts } = await deps.runs.tally(snapshot.key);
    const state = endOf(counts);
    await deps.runs.setRun(run, state, null, entryLine('run', deps.now(), { run, state, counts }));
  });
}

async function begin(deps: Advance, run: RunSnapshot, wave: WaveSnapshot, halted: (system: string) => string | undefined): Promise<void> {
  await deps.runs.setWave(
    run.key,
    wave.n,
    'running',
    null,
    entryLine('wave', deps.now(), { run: run.id, wave: wave.n, name: wave.name, state: 'running' }),
  );
  await deps.runs.startLanes(run.key, wave.n);
  for (const lane of wave.lanes) {
    const reason = halted(lane.system);
    if (reason !== undefined) await deps.runs.haltLane(lane.lane, reason, run.log);
    else if (lane.open > 0) await deps.sendLane(lane.lane);
  }
}

/** A system whose canary did not come through is stopped; the others go on. */
function haltedByCanary(tally: RunTally, system: string): string | undefined {
  const first = tally.first.find((r) => r.system === system);
  if (first === undefined) return undefined;
  if (first.canaryBad > 0) return `the canary account of ${system} did not come through`;
  return tooMany(first) ? `${first.bad} of ${first.items} accounts of ${system} failed in the canary wave` : undefined;
}

function tooMany(result: SystemResult): boolean {
  return result.bad > 1 && result.bad * 3 > result.items;
}

function guardrail(id: string, run: RunTally): string | undefined {
  const begun = Object.entries(run.counts).reduce((n, [state, count]) => (state === 'planned' || state === 'excluded' ? n : n + count), 0);
  return run.bad > guard.least && run.bad > begun * guard.share
    ? `${run.bad} of ${begun} items went wrong: look at them before the next wave (rekey run items ${id})`
    : undefined;
}

async function hold(deps: Advance, run: RunSnapshot, wave: WaveSnapshot, reason: string): Promise<void> {
  const at = deps.now();
  await deps.runs.setWave(run.key, wave.n, 'waiting', reason, entryLine('wave', at, { run: run.id, wave: wave.n, state: 'held', reason }));
  await deps.runs.setRun(
    run.id,
    'paused',
    { by: 'guardrail', reason, at: at.toISOString() },
    entryLine('run', at, { run: run.id, state: 'paused', by: 'guardrail', reason }),
  );
}
