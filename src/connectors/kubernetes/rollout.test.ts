// Adoption is seen, not assumed: no pod that may hold the old value counts, however it came by it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Io } from '../../kit/kit.ts';
import { secretOf } from '../../seal/secret.ts';
import { kubernetes } from './kubernetes.ts';
import { stampName } from './restart.ts';
import { type Cluster, recordManager, simulateCluster, token } from './simulator.ts';
import { type ClusterPod, type ClusterWorkload, makeWorkload, report, settle, step } from './simulator-workloads.ts';

const account = { system: 'db', id: '1', name: 'app' };
const consumer = { consumer: 'app', ref: 'prod/app#password', reload: 'rollout deployment/web', health: 'rollout deployment/web' };
const fromEnv = { containers: [{ name: 'main', env: [{ valueFrom: { secretKeyRef: { name: 'app', key: 'password' } } }] }] };
const fromFile = {
  containers: [{ name: 'main', volumeMounts: [{ name: 'v', subPath: 'password' }] }],
  volumes: [{ name: 'v', secret: { secretName: 'app' } }],
};

let target: Cluster;
let web: ClusterWorkload;
let store: Awaited<ReturnType<typeof kubernetes.open>>['storeConsumer'];
const io = (more: Partial<Io> = {}): Io => ({
  system: 'kube',
  timeoutMs: 1000,
  signal: new AbortController().signal,
  now: () => new Date(),
  resolve: async () => secretOf('own', token),
  path: (relative) => relative,
  ...more,
});
const open = async (more: Partial<Io> = {}) =>
  (await kubernetes.open(kubernetes.config.parse({ url: target.url, token: { env: 'T' } }), io(more))).storeConsumer;
const isHealthy = async (health = consumer.health): Promise<unknown> => {
  const found = await store.healthy({ ...consumer, health });
  return found.kind === 'done' ? found.value : found.fault.message;
};
const written = async (): Promise<void> => {
  expect((await store.put(consumer, account, secretOf('v1', 'n3w-value'))).kind).toBe('done');
};

/** Dated so that the second of the write is over already: only the tests of that second wait for it. */
const writtenAWhileAgo = async (): Promise<void> => {
  await written();
  const secret = target.secrets.get('prod/app');
  if (secret !== undefined) recordManager(secret, 'rekey', ['password'], new Date(Date.now() - 5000));
};

beforeEach(async () => {
  target = await simulateCluster();
  target.addSecret('app', { user: 'app', password: 'first' });
  web = makeWorkload('web', fromEnv);
  target.workloads.set('deployments/web', web);
  store = await open();
});
afterEach(() => target.stop());

describe('a restart', () => {
  test('stamps the template later than the write, so that pods are told apart by the second', async () => {
    await written();
    expect((await store.reload(consumer)).kind).toBe('done');
    const at = Date.parse(web.object.spec.template.metadata.annotations[stampName] ?? '');
    const managed = (target.secrets.get('prod/app')?.metadata.managedFields ?? []) as { manager: string; time: string }[];
    const record = managed.find(({ manager }) => manager === 'rekey');
    expect(at).toBeGreaterThan(Date.parse(record?.time ?? ''));
    settle(web);
    expect(await isHealthy()).toBe(true);
  });

  test('goes by the clock of the server, whatever ours says', async () => {
    store = await open({ now: () => new Date(Date.now() + 600_000) });
    await written();
    expect((await store.reload(consumer)).kind).toBe('done');
    settle(web);
    expect(await isHealthy()).toBe(true);
  });

  test('touches nothing when one of the workloads cannot be restarted', async () => {
    target.workloads.set('statefulsets/db', makeWorkload('db', fromFile, 1, { updateStrategy: { type: 'OnDelete' } }));
    target.workloads.set('deployments/held', makeWorkload('held', fromEnv, 1, { paused: true }));
    target.workloads.set('deployments/other', makeWorkload('other', { containers: [{ name: 'main' }] }, 1));
    await writtenAWhileAgo();
    for (const [last, why] of [
      ['sts/db', 'OnDelete'],
      ['deployment/held', 'paused'],
      ['deployment/other', 'does not read password of the Secret app'],
      ['deployment/none', '404'],
    ] as const) {
      const reload = await store.reload({ ...consumer, reload: `rollout deployment/web, ${last}` });
      expect(reload).toMatchObject({ kind: 'refused', fault: { message: expect.stringContaining(why) } });
    }
    expect(web.object.spec.template.metadata.annotations).toEqual({});
  });

  test('ends when the run is stopped', async () => {
    const controller = new AbortController();
    store = await open({ signal: controller.signal });
    await written();
    setTimeout(() => controller.abort(), 50);
    expect((await store.reload(consumer)).kind).toBe('refused');
    expect(web.object.spec.template.metadata.annotations).toEqual({});
  });
});

describe('is not adopted', () => {
  test.each([
    ['a variable', fromEnv],
    ['a subPath mount', fromFile],
  ])('who reads it through %s, without a restart', async (_way, spec) => {
    target.workloads.set('deployments/web', makeWorkload('web', spec));
    await written();
    expect(await isHealthy()).toBe(false);
  });

  test('a workload whose restart came before the write', async () => {
    expect((await store.reload(consumer)).kind).toBe('done');
    settle(web);
    await written();
    expect(await isHealthy()).toBe(false);
  });

  test('a workload of which one pod is still the old one', async () => {
    await writtenAWhileAgo();
    await store.reload(consumer);
    expect(await isHealthy()).toBe(false);
    step(web);
    expect(await isHealthy()).toBe(false);
    step(web);
    expect(await isHealthy()).toBe(true);
  });

  test('a workload whose old pod is about to end but has not', async () => {
    const [old] = web.pods as [ClusterPod];
    await writtenAWhileAgo();
    await store.reload(consumer);
    settle(web);
    web.pods.push(old);
    expect(await isHealthy()).toBe(false);
  });

  test('a pod that was only moved to another node after the write', async () => {
    await store.reload(consumer);
    await written();
    settle(web, new Date(Date.now() + 2000));
    expect(await isHealthy()).toBe(false);
  });

  test('a pod made after the write from the template of before', async () => {
    await writtenAWhileAgo();
    await store.reload(consumer);
    settle(web, new Date(Date.now() + 2000));
    expect(await isHealthy()).toBe(true);
    const pod = web.pods[1];
    if (pod !== undefined) pod.metadata.annotations = {};
    expect(await isHealthy()).toBe(false);
  });

  test('a pod with a stamp from a clock that is ahead, made before the write', async () => {
    web.object.spec.template.metadata.annotations[stampName] = new Date(Date.now() + 600_000).toISOString();
    settle(web, new Date(Date.now() - 60_000));
    await written();
    expect(await isHealthy()).toBe(false);
  });

  test('a pod that is not ready, a template the controller has not seen, and a workload scaled to nothing', async () => {
    await writtenAWhileAgo();
    await store.reload(consumer);
    settle(web);
    expect(await isHealthy()).toBe(true);
    const ready = web.pods[0]?.status.conditions[0];
    if (ready !== undefined) ready.status = 'False';
    expect(await isHealthy()).toBe(false);
    settle(web);
    web.object.metadata.generation += 1;
    expect(await isHealthy()).toBe(false);
    web.object.spec.replicas = 0;
    web.pods = [];
    report(web);
    expect(await isHealthy()).toBe(false);
  });

  test('anybody, when one workload of several is behind', async () => {
    const two = 'rollout deployment/web, deployment/worker';
    const worker = makeWorkload('worker', fromFile, 3);
    target.workloads.set('deployments/worker', worker);
    await writtenAWhileAgo();
    expect((await store.reload({ ...consumer, reload: two })).kind).toBe('done');
    settle(web);
    expect(await isHealthy(two)).toBe(false);
    settle(worker);
    expect(await isHealthy(two)).toBe(true);
  });

  test('anybody, when the server keeps no record of the write', async () => {
    await writtenAWhileAgo();
    await store.reload(consumer);
    settle(web);
    delete target.secrets.get('prod/app')?.metadata.managedFields;
    expect(await isHealthy()).toContain('keeps no record');
  });
});

test.each([
  ['statefulsets', 'sts/agent'],
  ['daemonsets', 'daemonset/agent'],
])('%s are restarted and seen as deployments are', async (kind, name) => {
  const agent = makeWorkload('agent', fromFile, 3);
  target.workloads.set(`${kind}/agent`, agent);
  await writtenAWhileAgo();
  expect((await store.reload({ ...consumer, reload: `rollout ${name}` })).kind).toBe('done');
  step(agent);
  step(agent);
  expect(await isHealthy(`rollout ${name}`)).toBe(false);
  step(agent);
  expect(await isHealthy(`rollout ${name}`)).toBe(true);
});

test('a change of another key by somebody else makes nobody old', async () => {
  await writtenAWhileAgo();
  await store.reload(consumer);
  settle(web);
  const secret = target.secrets.get('prod/app');
  if (secret !== undefined) recordManager(secret, 'somebody', ['user'], new Date(Date.now() + 60_000));
  expect(await isHealthy()).toBe(true);
});

test('a later write makes adopted pods old again', async () => {
  await written();
  await store.reload(consumer);
  settle(web);
  expect(await isHealthy()).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 1100)); // the server dates by the second
  expect((await store.put(consumer, account, secretOf('v2', 'n3wer-value'))).kind).toBe('done');
  expect(await isHealthy()).toBe(false);
});
