// Restarts workloads the way kubectl does, by a stamp in their pod template, with a stamp that is certainly later than the write.
import { done, type Io, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import { afterSecondOf } from '../../protocols/http/after-second.ts';
import type { Ask, Begin } from '../../protocols/http/ask.ts';
import { fieldManager, workloadPath } from './api.ts';
import { type Workload, workloadIn } from './objects.ts';
import { readSecret } from './read-secret.ts';
import { kinds, type Place, type WorkloadName } from './reference.ts';
import { waysOf } from './ways.ts';
import { writtenAt } from './written-at.ts';

export const stampName = 'kubectl.kubernetes.io/restartedAt';
export const shown = ({ kind, name }: WorkloadName): string => `${kind}/${name}`;

/** All are looked at before the first is touched: a name mistyped in a list of five stops no half of them. */
export async function restart(begin: Begin, io: Io, place: Place, workloads: readonly WorkloadName[]): Promise<Outcome<void>> {
  const ask = begin();
  for (const each of workloads) {
    const found = await readWorkload(ask, place, each);
    if (found.kind !== 'done') return found;
    const why = cannotRoll(found.value, each);
    if (why !== undefined) return refused('conflict', `${shown(each)} ${why}`);
  }
  const stamp = await stampAfterWrite(ask, io, place);
  if (stamp.kind !== 'done') return stamp;
  let restarted = 0;
  for (const each of workloads) {
    const path = workloadPath(place.namespace, kinds[each.kind], each.name);
    const headers = { 'content-type': 'application/merge-patch+json' };
    const json = { spec: { template: { metadata: { annotations: { [stampName]: stamp.value } } } } };
    const answer = await begin()({ method: 'PATCH', path, query: { fieldManager }, headers, json }, [200]);
    if (answer.kind === 'refused' && restarted > 0)
      return indeterminate(
        answer.fault.code,
        `${restarted} of ${workloads.length} workloads were restarted, ${shown(each)} was not: ${answer.fault.message}`,
      );
    if (answer.kind !== 'done') return answer;
    restarted += 1;
  }
  return done(undefined);
}

/** The workload, when it reads the Secret at all: the restart of one that does not would pass for an adoption. */
export async function readWorkload(ask: Ask, place: Place, name: WorkloadName): Promise<Outcome<Workload>> {
  const answer = await ask({ method: 'GET', path: workloadPath(place.namespace, kinds[name.kind], name.name) }, [200]);
  if (answer.kind !== 'done') return answer;
  const workload = workloadIn(answer.value.body);
  if (workload.kind !== 'done') return workload;
  if (waysOf(workload.value.spec.template.spec, place).length === 0)
    return refused('conflict', `${shown(name)} does not read ${place.key} of the Secret ${place.name}: no variable, no mounted volume`);
  return workload;
}

/** What keeps a new template from reaching every pod. */
function cannotRoll({ spec }: Workload, { kind }: WorkloadName): string | undefined {
  if (spec.paused === true) return 'is paused: resume it first';
  if (kind !== 'deployment' && spec.updateStrategy?.type === 'OnDelete')
    return 'has updateStrategy OnDelete: its pods restart only when they are deleted';
  if ((spec.updateStrategy?.rollingUpdate?.partition ?? 0) > 0) return 'has a rollout partition: some of its pods would stay as they are';
  return undefined;
}

/** The server dates writes and pods by the second: pods made in the second of the write could not be told from older ones, so it is let pass. */
async function stampAfterWrite(ask: Ask, io: Io, place: Place): Promise<Outcome<string>> {
  const found = await readSecret(ask, place);
  if (found.kind !== 'done') return found;
  const { secret, date } = found.value;
  const written = writtenAt(secret, place.key)?.getTime();
  if (written === undefined)
    return refused('protocol', `${place.ref}: the API server keeps no record of when it was written (managedFields)`);
  const stopped = await afterSecondOf(new Date(written), date, io);
  if (stopped !== undefined) return stopped;
  return done(new Date(Math.max(date?.getTime() ?? 0, written + 1000)).toISOString().replace(/\.\d+Z$/, 'Z'));
}
