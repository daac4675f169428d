// What is peculiar to KV version 2: versions, check-and-set, soft deletion, and statuses that are certain although they are a 5xx.
import { afterEach, describe, expect, test } from 'vitest';
import type { Check, Io } from '../../kit/kit.ts';
import { secretOf } from '../../seal/secret.ts';
import { simulateVault, token, type VaultOptions } from './simulator.ts';
import { vaultKv } from './vault-kv.ts';

const account = { system: 'db', id: '1', name: 'app' };
const consumer = { consumer: 'app', ref: 'secret/data/app#password' };
const fresh = secretOf('v1', 'n3w-value');
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function opened(options: VaultOptions = {}, more: object = {}, own = token) {
  const target = await simulateVault(options);
  stops.push(() => target.stop());
  target.put('app', { user: 'app', port: 5432, password: 'first' });
  const io: Io = {
    system: 'vault',
    timeoutMs: 1000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: async () => secretOf('own', own),
    path: (relative) => relative,
  };
  const connection = await vaultKv.open(vaultKv.config.parse({ url: target.url, token: { env: 'T' }, ...more }), io);
  return { ...connection, target };
}

test.each(['patch', 'put'] as const)('with write: %s other keys and the custom metadata stay', async (write) => {
  const { storeConsumer, target } = await opened({}, { write });
  expect(await storeConsumer.put(consumer, account, fresh)).toEqual({ kind: 'done', value: { storeVersion: 'v2' } });
  const entry = target.entries.get('app');
  expect(entry?.versions.at(-1)?.data).toEqual({ user: 'app', port: 5432, password: 'n3w-value' });
  expect(entry?.customMetadata).toEqual({ owner: 'olga' });
  expect(target.seen.filter(({ method }) => method !== 'GET').map(({ method }) => method)).toEqual([write === 'patch' ? 'PATCH' : 'POST']);
});

test.each(['patch', 'put'] as const)('with write: %s a second writer between read and write loses nothing', async (write) => {
  let others = 2;
  const { storeConsumer, target } = await opened(
    {
      before: (entry) => {
        if (others-- > 0) target.put('app', { ...entry.versions.at(-1)?.data, user: `other-${others}` });
      },
    },
    { write },
  );
  expect((await storeConsumer.put(consumer, account, fresh)).kind).toBe('done');
  expect(target.entries.get('app')?.versions.at(-1)?.data).toEqual({ user: 'other-0', port: 5432, password: 'n3w-value' });
});

test('a writer who always wins is told, and our value is nowhere', async () => {
  const { storeConsumer, target } = await opened({ before: (entry) => void target.put('app', { ...entry.versions.at(-1)?.data }) });
  expect(await storeConsumer.put(consumer, account, fresh)).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
  expect(target.entries.get('app')?.versions.some(({ data }) => data.password === 'n3w-value')).toBe(false);
});

test('with write: put a number that JSON would round is not written back rounded', async () => {
  const { storeConsumer, target } = await opened({}, { write: 'put' });
  target.put('app', { serial: 2 ** 60, password: 'first' });
  expect(await storeConsumer.put(consumer, account, fresh)).toMatchObject({
    kind: 'refused',
    fault: { message: expect.stringContaining('write: patch') },
  });
  expect(target.value('app', 'password')).toBe('first');
});

test.each(['deleted', 'destroyed'] as const)('a %s version is not brought back by a write', async (how) => {
  const { storeConsumer, target } = await opened();
  const last = target.entries.get('app')?.versions.at(-1);
  if (last !== undefined) Object.assign(last, how === 'deleted' ? { deleted: '2026-01-01T00:00:00Z' } : { destroyed: true });
  const put = await storeConsumer.put(consumer, account, fresh);
  expect(put).toMatchObject({ kind: 'refused', fault: { code: 'not-found', message: expect.stringContaining(`version 1 is ${how}`) } });
  expect(target.entries.get('app')?.versions).toHaveLength(1);
});

test('a value that is no string is not replaced by one', async () => {
  const { storeConsumer } = await opened();
  const put = await storeConsumer.put({ consumer: 'app', ref: 'secret/data/app#port' }, account, fresh);
  expect(put).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
});

describe('what a refusal means', () => {
  const putOf = async (options: VaultOptions, more: object = {}, own = token) =>
    (await opened(options, more, own)).storeConsumer.put(consumer, account, fresh);

  test('a sealed node, a wrong token, a missing capability and a quota are certain', async () => {
    expect(await putOf({ sealed: true })).toMatchObject({ kind: 'refused', fault: { code: 'unreachable', target: '503' } });
    expect(await putOf({}, {}, 'hvs.wrong')).toMatchObject({ kind: 'refused', fault: { code: 'permission', target: '403' } });
    expect(await putOf({ capabilities: ['read', 'update'] })).toMatchObject({ kind: 'refused', fault: { code: 'permission' } });
    expect(await putOf({ quota: 1 })).toMatchObject({ kind: 'refused', fault: { code: 'throttled', retryAfterMs: 2000 } });
  });

  test('no capability patch is no obstacle with write: put', async () => {
    expect((await putOf({ capabilities: ['read', 'update'] }, { write: 'put' })).kind).toBe('done');
  });

  test('a lost answer is in doubt, and holds settles it', async () => {
    const { storeConsumer } = await opened({ loses: ({ method }) => (method === 'PATCH' ? 'reply-lost' : undefined) });
    expect((await storeConsumer.put(consumer, account, fresh)).kind).toBe('indeterminate');
    expect(await storeConsumer.holds(consumer, account, fresh)).toEqual({ kind: 'done', value: true });
  });

  test('a read that got no answer changed nothing', async () => {
    const { storeConsumer, target } = await opened({ loses: () => 'silent' });
    expect((await storeConsumer.put(consumer, account, fresh)).kind).toBe('refused');
    expect(target.value('app', 'password')).toBe('first');
  });
});

test('doctor tells sealed from a wrong token', async () => {
  const failed = async (options: VaultOptions, own = token): Promise<string[]> => {
    const found: Check[] = [];
    for await (const check of (await opened(options, {}, own)).check.run()) found.push(check);
    return found.filter(({ verdict }) => verdict === 'fail').map(({ id, message }) => `${id}: ${message}`);
  };
  expect(await failed({})).toEqual([]);
  expect(await failed({ sealed: true })).toEqual([expect.stringMatching(/^reach: .*sealed/)]);
  expect(await failed({}, 'hvs.wrong')).toEqual([expect.stringMatching(/^auth: /)]);
});

test('a reload or a health check is refused with what to do instead, not ignored', async () => {
  const { storeConsumer } = await opened();
  expect(await storeConsumer.reload({ ...consumer, reload: 'http:POST https://app' })).toMatchObject({ kind: 'refused' });
  expect(await storeConsumer.healthy({ ...consumer, health: 'http:GET https://app' })).toMatchObject({ kind: 'refused' });
});
