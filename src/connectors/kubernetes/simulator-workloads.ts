// Workloads and their pods in miniature: a new template makes new pods, one step at a time, when the test lets the controller work.
import type { Said, Seen } from '../../protocols/http/simulate.ts';

type Annotations = Record<string, string>;
export type ClusterPod = {
  metadata: {
    name: string;
    resourceVersion: string;
    annotations: Annotations;
    labels: Annotations;
    creationTimestamp: string;
  };
  status: { phase: string; conditions: { type: string; status: string }[] };
};
export type ClusterWorkload = {
  readonly object: {
    metadata: { name: string; namespace: string; resourceVersion: string; generation: number };
    spec: Record<string, unknown> & {
      replicas: number;
      selector: { matchLabels: Annotations };
      template: { metadata: { annotations: Annotations; labels: Annotations }; spec: object };
    };
    status: Record<string, number>;
  };
  pods: ClusterPod[];
};

const stamp = (at: Date): string => at.toISOString().replace(/\.\d+Z$/, 'Z');

export function makeWorkload(name: string, podSpec: object, replicas = 2, more: object = {}): ClusterWorkload {
  const labels = { app: name };
  const workload: ClusterWorkload = {
    object: {
      metadata: { name, namespace: 'prod', resourceVersion: '7', generation: 1 },
      spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { annotations: {}, labels }, spec: podSpec }, ...more },
      status: {},
    },
    pods: [],
  };
  settle(workload, new Date(Date.now() - 3_600_000));
  return workload;
}

/** The controller has seen the template, and every pod is of it and ready. */
export function settle(workload: ClusterWorkload, at = new Date()): void {
  const { spec } = workload.object;
  workload.pods = Array.from({ length: spec.replicas }, (_, n) => freshPod(workload, at, n));
  report(workload);
}

/** One pod is exchanged: the first that is not of the template. */
export function step(workload: ClusterWorkload): void {
  const wanted = JSON.stringify(workload.object.spec.template.metadata.annotations);
  const old = workload.pods.findIndex((pod) => JSON.stringify(pod.metadata.annotations) !== wanted);
  if (old >= 0) workload.pods[old] = freshPod(workload, new Date(), old);
  report(workload);
}

function freshPod({ object: { metadata, spec } }: ClusterWorkload, at: Date, n: number): ClusterPod {
  const { annotations, labels } = spec.template.metadata;
  return {
    metadata: {
      name: `${metadata.name}-${n}`,
      resourceVersion: '1',
      annotations: { ...annotations },
      labels,
      creationTimestamp: stamp(at),
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

export function report({ object, pods }: ClusterWorkload): void {
  const wanted = JSON.stringify(object.spec.template.metadata.annotations);
  const updated = pods.filter((pod) => JSON.stringify(pod.metadata.annotations) === wanted).length;
  object.status = {
    observedGeneration: object.metadata.generation,
    replicas: pods.length,
    updatedReplicas: updated,
    availableReplicas: pods.length,
    readyReplicas: pods.length,
    desiredNumberScheduled: object.spec.replicas,
    updatedNumberScheduled: updated,
    numberAvailable: pods.length,
  };
}

export function patchWorkload(workload: ClusterWorkload, seen: Seen): Said {
  const patch = seen.body as { spec?: { template?: { metadata?: { annotations?: Annotations } } } };
  const { object } = workload;
  const before = JSON.stringify(object.spec.template);
  Object.assign(object.spec.template.metadata.annotations, patch.spec?.template?.metadata?.annotations);
  if (JSON.stringify(object.spec.template) !== before) object.metadata.generation += 1;
  return { status: 200, body: object };
}

/** Two pods to a page, so that paging is met. */
export function podList(workloads: ReadonlyMap<string, ClusterWorkload>, query: URLSearchParams): Said {
  const wanted = (query.get('labelSelector') ?? '').split(',').map((part) => part.split('='));
  const all = [...workloads.values()]
    .flatMap(({ pods }) => pods)
    .filter(({ metadata }) => wanted.every(([name = '', value]) => metadata.labels[name] === value));
  const from = Number(query.get('continue') ?? 0);
  const items = all.slice(from, from + 2);
  return { status: 200, body: { kind: 'PodList', metadata: from + 2 < all.length ? { continue: String(from + 2) } : {}, items } };
}
