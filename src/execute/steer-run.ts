// Pause, resume, abort and retry: each is a durable row with who and why, and the reconciler does the rest.
import { entryLine } from '../domain/entry.ts';
import { Problem } from '../domain/problem.ts';
import { isEnded } from '../domain/run.ts';
import type { RunSnapshot, RunStore } from './run-port.ts';

export type Steer = { readonly runs: RunStore; readonly sendAdvance: (run: string) => Promise<void>; readonly now: () => Date };
/** `custodian`: holds the keyring. Anybody else may pause only as the owner of a consumer in the run. */
export type Steerer = { readonly name: string; readonly custodian: boolean };

export async function pauseRun(deps: Steer, by: Steerer, run: string, reason: string): Promise<void> {
  if (!by.custodian && !(await deps.runs.ownerOfConsumer(run, by.name)))
    throw new Problem('not-permitted', { message: `${by.name} owns no consumer in ${run}`, hint: 'ask the incident lead to pause it' });
  await deps.runs.transaction(async () => {
    const snapshot = await known(deps, run);
    if (snapshot.state === 'paused') return;
    if (isEnded(snapshot.state))
      throw new Problem('conflict', { message: `${run} has ended (${snapshot.state})`, hint: `rekey run show ${run}` });
    const at = deps.now();
    await deps.runs.setRun(
      run,
      'paused',
      { by: by.name, reason, at: at.toISOString() },
      entryLine('run', at, { run, state: 'paused', by: by.name, reason }),
    );
  });
}

/** Also takes up a running run that no worker holds: after a crash this is all there is to do. */
export async function resumeRun(deps: Steer, by: Steerer, run: string): Promise<void> {
  await deps.runs.transaction(async () => {
    const snapshot = await known(deps, run);
    if (isEnded(snapshot.state))
      throw new Problem('conflict', {
        message: `${run} has ended (${snapshot.state})`,
        hint: `rekey run retry ${run} --state failed,in-doubt`,
      });
    if (snapshot.state === 'paused') await deps.runs.release(snapshot.key);
    if (snapshot.state === 'paused')
      await deps.runs.setRun(run, 'running', null, entryLine('run', deps.now(), { run, state: 'running', by: by.name }));
    await deps.sendAdvance(run);
  });
}

export async function abortRun(deps: Steer, by: Steerer, run: string, reason: string): Promise<void> {
  await deps.runs.transaction(async () => {
    const snapshot = await known(deps, run);
    if (isEnded(snapshot.state))
      throw new Problem('conflict', { message: `${run} has ended (${snapshot.state})`, hint: `rekey run show ${run}` });
    const at = deps.now();
    await deps.runs.setRun(
      run,
      'aborted',
      { by: by.name, reason, at: at.toISOString() },
      entryLine('run', at, { run, state: 'aborted', by: by.name, reason }),
    );
    await deps.runs.parkAll(snapshot.key, `aborted by ${by.name}: ${reason}`, snapshot.log);
  });
}

/** `states`: item states, or `parked` for whatever stopped in a middle state. Answers how many items were opened again. */
export async function retryRun(deps: Steer, by: Steerer, run: string, states: readonly string[]): Promise<number> {
  return deps.runs.transaction(async () => {
    const snapshot = await known(deps, run);
    const opened = await deps.runs.reopen(run, states, by.name);
    if (opened === 0) return 0;
    if (snapshot.state !== 'running')
      await deps.runs.setRun(run, 'running', null, entryLine('run', deps.now(), { run, state: 'running', by: by.name, retry: opened }));
    await deps.sendAdvance(run);
    return opened;
  });
}

async function known(deps: Steer, run: string): Promise<RunSnapshot> {
  const snapshot = await deps.runs.lock(run);
  if (snapshot === undefined) throw new Problem('not-found', { message: `there is no run ${run}`, hint: 'rekey run ls' });
  return snapshot;
}
