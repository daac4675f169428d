// A workload is on the new value when its rollout is over and every pod of it was made after the write, carries a later stamp and is ready.
import { done, type Outcome, refused } from '../../kit/kit.ts';
import type { Ask } from '../../protocols/http/ask.ts';
import { podsPath } from './api.ts';
import { type Pod, podsIn, type Workload } from './objects.ts';
import { readSecret } from './read-secret.ts';
import type { Kind, Place, WorkloadName } from './reference.ts';
import { readWorkload, stampName } from './restart.ts';
import { writtenAt } from './written-at.ts';

export async function healthy(ask: Ask, place: Place, workloads: readonly WorkloadName[]): Promise<Outcome<boolean>> {
  const found = await readSecret(ask, place);
  if (found.kind !== 'done') return found;
  const written = writtenAt(found.value.secret, place.key);
  if (written === undefined)
    return refused('protocol', `${place.ref}: the API server keeps no record of when it was written (managedFields)`);
  for (const name of workloads) {
    const workload = await readWorkload(ask, place, name);
    if (workload.kind !== 'done') return workload;
    const pods = await podsOf(ask, place.namespace, workload.value);
    if (pods.kind !== 'done') return pods;
    if (!isRolledOut(name.kind, workload.value) || !areFresh(workload.value, pods.value, written)) return done(false);
  }
  return done(true);
}

/** As kubectl rollout status sees it. */
function isRolledOut(kind: Kind, { metadata, spec, status }: Workload): boolean {
  if (status.observedGeneration < (metadata.generation ?? 0)) return false;
  if (kind === 'daemonset')
    return status.updatedNumberScheduled === status.desiredNumberScheduled && status.numberAvailable === status.desiredNumberScheduled;
  const wanted = spec.replicas ?? 1;
  const ready = kind === 'deployment' ? status.availableReplicas : status.readyReplicas;
  // More replicas than updated ones are old pods still there.
  return status.updatedReplicas === wanted && status.replicas === wanted && ready === wanted;
}

/**
 * The stamp alone may come from a machine whose clock is ahead, the time of creation alone from a pod that was moved: both are asked for. Pods
 * that are about to end count, for they still run on the old value; a workload without pods shows nobody on the new one.
 */
function areFresh({ spec }: Workload, pods: readonly Pod[], written: Date): boolean {
  const stamp = spec.template.metadata?.annotations?.[stampName] ?? '';
  if (!(Date.parse(stamp) > written.getTime())) return false;
  const running = pods.filter(({ status }) => status.phase !== 'Succeeded' && status.phase !== 'Failed');
  return (
    running.length > 0 &&
    running.every(
      ({ metadata, status }) =>
        metadata.annotations?.[stampName] === stamp &&
        Date.parse(metadata.creationTimestamp ?? '') > written.getTime() &&
        (status.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    )
  );
}

async function podsOf(ask: Ask, namespace: string, workload: Workload): Promise<Outcome<readonly Pod[]>> {
  const labelSelector = selectorOf(workload);
  // An empty selector would be every pod of the namespace.
  if (labelSelector === '') return refused('protocol', 'the workload selects no pods');
  const all: Pod[] = [];
  for (let next: string | undefined = ''; next !== undefined; ) {
    const page = await ask(
      { method: 'GET', path: podsPath(namespace), query: { labelSelector, limit: 500, continue: next || undefined } },
      [200],
    );
    if (page.kind !== 'done') return page;
    const pods = podsIn(page.value.body);
    if (pods.kind !== 'done') return pods;
    all.push(...pods.value.items);
    next = pods.value.metadata.continue || undefined;
  }
  return done(all);
}

function selectorOf({ spec: { selector } }: Workload): string {
  const labels = Object.entries(selector.matchLabels ?? {}).map(([name, value]) => `${name}=${value}`);
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator === 'NotIn' ? 'notin' : 'in'} (${(values ?? []).join(',')})`;
  });
  return [...labels, ...expressions].join(',');
}
