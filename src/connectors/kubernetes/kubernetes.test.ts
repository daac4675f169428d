// What is peculiar to Secrets of a cluster: other writers, owners, immutability, other keys, and what the server records.
import { afterEach, describe, expect, test } from 'vitest';
import type { Check, Io } from '../../kit/kit.ts';
import { secretOf } from '../../seal/secret.ts';
import { kubernetes } from './kubernetes.ts';
import { type ClusterOptions, type ClusterSecret, nextVersion, simulateCluster, token } from './simulator.ts';

const account = { system: 'db', id: '1', name: 'app' };
const consumer = { consumer: 'app', ref: 'prod/app#password' };
const fresh = secretOf('v1', 'n3w-value');
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function opened(
  options: ClusterOptions = {},
  secret: Partial<Omit<ClusterSecret, 'metadata'>> & { metadata?: object } = {},
  more: object = {},
  own = token,
) {
  const target = await simulateCluster(options);
  stops.push(() => target.stop());
  target.addSecret('app', { user: 'app', password: 'first' }, secret);
  const io: Io = {
    system: 'kube',
    timeoutMs: 1000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: async () => secretOf('own', own),
    path: (relative) => relative,
  };
  const connection = await kubernetes.open(kubernetes.config.parse({ url: target.url, token: { env: 'T' }, ...more }), io);
  return { ...connection, target };
}

test('one key changes; type, labels and the other keys stay, and the record names Rekey', async () => {
  const { storeConsumer, target } = await opened({}, { type: 'kubernetes.io/basic-auth', metadata: { labels: { team: 'a' } } });
  const put = await storeConsumer.put(consumer, account, fresh);
  const stored = target.secrets.get('prod/app');
  expect(put).toEqual({ kind: 'done', value: { storeVersion: stored?.metadata.resourceVersion } });
  expect([target.value('app', 'user'), target.value('app', 'password')]).toEqual(['app', 'n3w-value']);
  expect(stored).toMatchObject({ type: 'kubernetes.io/basic-auth', metadata: { labels: { team: 'a' } } });
  expect(stored?.metadata.managedFields).toContainEqual(
    expect.objectContaining({ manager: 'rekey', fieldsV1: { 'f:data': { 'f:password': {} } } }),
  );
});

test('a second writer between read and write is taken up, not overwritten', async () => {
  let others = 2;
  const { storeConsumer, target } = await opened({
    before: (secret) => {
      if (others-- <= 0) return;
      secret.data.user = Buffer.from('other').toString('base64');
      secret.metadata.resourceVersion = nextVersion();
    },
  });
  expect((await storeConsumer.put(consumer, account, fresh)).kind).toBe('done');
  expect([target.value('app', 'user'), target.value('app', 'password')]).toEqual(['other', 'n3w-value']);
});

test('a writer who always wins is told, and our value is not stored', async () => {
  const { storeConsumer, target } = await opened({
    before: ({ metadata }) => void Object.assign(metadata, { resourceVersion: nextVersion() }),
  });
  expect(await storeConsumer.put(consumer, account, fresh)).toMatchObject({ kind: 'refused', fault: { code: 'conflict', target: '409' } });
  expect(target.value('app', 'password')).toBe('first');
});

describe('a Secret that is not ours to write is refused before anything is sent', () => {
  const refusedFor = async (secret: Parameters<typeof opened>[1], more: object = {}) => {
    const { storeConsumer, target } = await opened({}, secret, more);
    const put = await storeConsumer.put(consumer, account, fresh);
    return { put, patches: target.seen.filter(({ method }) => method === 'PATCH').length };
  };
  const owned = {
    metadata: {
      ownerReferences: [{ apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'app', uid: '1', controller: true }],
    },
  };

  test('immutable', async () => {
    const { put, patches } = await refusedFor({ immutable: true });
    expect([put, patches]).toMatchObject([
      { kind: 'refused', fault: { code: 'conflict', message: expect.stringContaining('immutable') } },
      0,
    ]);
  });
  test('kept by another controller, unless the estate file says so', async () => {
    const { put, patches } = await refusedFor(owned);
    expect([put, patches]).toMatchObject([{ kind: 'refused', fault: { message: expect.stringContaining('ExternalSecret/app') } }, 0]);
    expect((await refusedFor(owned, { writeOwned: true })).put.kind).toBe('done');
  });
  test('a token the cluster makes', async () => {
    expect((await refusedFor({ type: 'kubernetes.io/service-account-token' })).put.kind).toBe('refused');
  });
});

describe('what a refusal means', () => {
  const putOf = async (options: ClusterOptions, own = token) =>
    (await opened(options, {}, {}, own)).storeConsumer.put(consumer, account, fresh);

  test('wrong token, missing right and throttling are certain, and the server says which right', async () => {
    expect(await putOf({}, 'wrong')).toMatchObject({ kind: 'refused', fault: { code: 'auth', target: '401' } });
    expect(await putOf({ rights: ['get secrets'] })).toMatchObject({
      kind: 'refused',
      fault: { code: 'permission', message: expect.stringContaining('cannot patch') },
    });
    expect(await putOf({ throttled: true })).toMatchObject({ kind: 'refused', fault: { code: 'throttled', retryAfterMs: 3000 } });
  });

  test('a lost answer is in doubt, and holds settles it', async () => {
    const { storeConsumer } = await opened({ loses: ({ method }) => (method === 'PATCH' ? 'reply-lost' : undefined) });
    expect((await storeConsumer.put(consumer, account, fresh)).kind).toBe('indeterminate');
    expect(await storeConsumer.holds(consumer, account, fresh)).toEqual({ kind: 'done', value: true });
  });

  test('a webhook that stores another value is not taken for success', async () => {
    const put = await putOf({ admit: ({ data }) => void Object.assign(data, { password: Buffer.from('other').toString('base64') }) });
    expect(put).toMatchObject({ kind: 'indeterminate', fault: { code: 'conflict' } });
  });
});

test('doctor tells a wrong token from a server that is down, and warns of rights over the whole cluster', async () => {
  const checks = async (options: ClusterOptions, own = token): Promise<Check[]> => {
    const found: Check[] = [];
    for await (const check of (await opened(options, {}, { namespaces: ['prod'] }, own)).check.run()) found.push(check);
    return found;
  };
  expect((await checks({})).filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  expect(await checks({}, 'wrong')).toMatchObject([{ id: 'auth', verdict: 'fail' }]);
  expect(await checks({ rights: ['list secrets'] })).toContainEqual(
    expect.objectContaining({ verdict: 'warn', message: expect.stringContaining('every Secret') }),
  );
});
