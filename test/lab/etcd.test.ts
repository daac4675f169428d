// Secrets in etcd, on a real server with authentication on: other writers, leases, ended tokens, lost answers.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { startSwallow } from '../../lab/swallow.ts';
import type { Check, Io } from '../../src/kit/kit.ts';
import { simulate } from '../../src/protocols/http/simulate.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { account, type Ground, ground } from './etcd-ground.ts';

let on: Ground;
beforeAll(async () => {
  on = await ground();
}, 60_000);
afterAll(() => on?.stop());

const fresh = (): string => `cnry-${Math.random().toString(36).slice(2)}`;
const consumer = (ref: string) => ({ consumer: 'app', ref });
async function checks(more: object = {}, io: Partial<Io> = {}): Promise<Check[]> {
  const found: Check[] = [];
  for await (const check of (await on.open(more, io)).check.run()) found.push(check);
  return found;
}

test('a put is one new revision of one key, and its version is that revision', async () => {
  const { storeConsumer } = await on.open();
  const key = await on.key();
  const text = fresh();
  const put = await storeConsumer.put(consumer(key), account, secretOf('v1', text));
  const stored = await on.lab.get(key);
  expect(stored?.value).toBe(text);
  expect(put).toEqual({ kind: 'done', value: { storeVersion: `rev-${stored?.revision}` } });
});

test('bytes that are no text arrive as they are', async () => {
  const { storeConsumer } = await on.open();
  const key = await on.key('');
  const bytes = new Uint8Array([0, 255, 10, 128]);
  const secret = { label: 'v1', use: <T>(f: (b: Uint8Array) => T) => f(bytes), text: <T>(f: (t: string) => T) => f('') };
  expect((await storeConsumer.put(consumer(key), account, secret)).kind).toBe('done');
  expect(await storeConsumer.holds(consumer(key), account, secret)).toEqual({ kind: 'done', value: true });
});

test('the lease of a key stays on it', async () => {
  const { storeConsumer } = await on.open();
  const key = await on.key();
  const { ID } = await on.lab.admin('lease/grant', { TTL: 600 });
  await on.lab.put(key, 'leased', String(ID));
  expect((await storeConsumer.put(consumer(key), account, secretOf('v1', fresh()))).kind).toBe('done');
  expect((await on.lab.get(key))?.lease).toBe(ID);
});

test('a change by somebody else between read and write is seen, and the write is made on top of it', async () => {
  const key = await on.key();
  let others = 2;
  const between = await simulate(async ({ path, text, headers }) => {
    if (path.at(-1) === 'txn' && others-- > 0) await on.lab.put(key, 'theirs');
    const { authorization } = headers;
    const login = authorization === undefined ? {} : { authorization };
    const answer = await fetch(`${on.lab.url}/${path.join('/')}`, { method: 'POST', body: text, headers: login });
    return { status: answer.status, body: await answer.json() };
  });
  const { storeConsumer } = await on.open({ endpoints: [between.url] });
  const before = Number((await on.lab.get(key))?.revision);
  expect(await storeConsumer.put(consumer(key), account, secretOf('v1', 'ours'))).toEqual({
    kind: 'done',
    value: { storeVersion: `rev-${before + 3}` },
  });
  expect(between.seen.filter(({ path }) => path.at(-1) === 'txn')).toHaveLength(3);
  others = 99;
  expect(await storeConsumer.put(consumer(key), account, secretOf('v2', 'ours again'))).toMatchObject({
    kind: 'refused',
    fault: { code: 'conflict' },
  });
  expect((await on.lab.get(key))?.value).toBe('theirs');
  await between.stop();
});

test('many writers of one key: each done put was the value at its revision', async () => {
  const { storeConsumer } = await on.open();
  const key = await on.key();
  const texts = ['a', 'b', 'c'].map((tail) => fresh() + tail);
  const puts = await Promise.all(texts.map((text) => storeConsumer.put(consumer(key), account, secretOf('v', text))));
  const stored = await on.lab.get(key);
  expect(puts[texts.indexOf(stored?.value ?? '')]?.kind).toBe('done');
  for (const put of puts) if (put.kind !== 'done') expect(put.fault.code).toBe('conflict');
});

test('a token that ended with the server is replaced, and the write is made once', async () => {
  const { storeConsumer } = await on.open();
  const key = await on.key();
  await storeConsumer.put(consumer(key), account, secretOf('v1', fresh()));
  await on.lab.restart();
  const text = fresh();
  expect((await storeConsumer.put(consumer(key), account, secretOf('v2', text))).kind).toBe('done');
  expect((await on.lab.get(key))?.value).toBe(text);
});

describe('lost on the way', () => {
  test.each([
    ['swallowReplies', true],
    ['loseRequests', false],
  ] as const)('%s: in doubt, and holds says %s', async (fault, stored) => {
    const proxy = await startSwallow({ target: { host: '127.0.0.1', port: on.lab.port } });
    const { storeConsumer } = await on.open({ endpoints: [`http://127.0.0.1:${proxy.port}`] }, { timeoutMs: 800 });
    const key = await on.key();
    const secret = secretOf('v1', fresh());
    const armed = proxy[fault](Buffer.from('POST /v3/kv/txn'));
    expect((await storeConsumer.put(consumer(key), account, secret)).kind).toBe('indeterminate');
    expect(armed.hits).toBe(1);
    if (stored) await armed.answered;
    expect(await storeConsumer.holds(consumer(key), account, secret)).toEqual({ kind: 'done', value: stored });
    await proxy.stop();
  });

  test('a read or a login that got no answer is refused: nothing was changed', async () => {
    const proxy = await startSwallow({ target: { host: '127.0.0.1', port: on.lab.port } });
    const key = await on.key();
    for (const step of ['/v3/auth/authenticate', '/v3/kv/range']) {
      const { storeConsumer } = await on.open({ endpoints: [`http://127.0.0.1:${proxy.port}`] }, { timeoutMs: 800 });
      proxy.swallowReplies(Buffer.from(`POST ${step}`));
      expect((await storeConsumer.put(consumer(key), account, secretOf('v1', fresh()))).kind, step).toBe('refused');
    }
    await proxy.stop();
  });
});

test('a member that is down is passed over', async () => {
  const { storeConsumer } = await on.open({ endpoints: [`http://127.0.0.1:${await freePort()}`, on.lab.url] });
  expect((await storeConsumer.put(consumer(await on.key()), account, secretOf('v1', fresh()))).kind).toBe('done');
});

describe('rights', () => {
  test('end at the prefix: of the role, and of the estate file', async () => {
    const { storeConsumer } = await on.open();
    const foreign = await storeConsumer.put(consumer('/other/key'), account, secretOf('v1', fresh()));
    expect(foreign).toMatchObject({ kind: 'refused', fault: { code: 'permission' } });
    expect((await on.lab.get('/other/key'))?.value).toBe('not ours');
    const kept = await on.open({ prefix: '/apps/' });
    expect(await kept.storeConsumer.put(consumer('/other/key'), account, secretOf('v1', fresh()))).toMatchObject({
      fault: { code: 'unsupported' },
    });
  });

  test('a wrong password and no password are told apart from a missing right', async () => {
    const key = await on.key();
    const wrong = await on.open({}, { resolve: async () => secretOf('own', 'wrong') });
    expect(await wrong.storeConsumer.put(consumer(key), account, secretOf('v1', fresh()))).toMatchObject({
      kind: 'refused',
      fault: { code: 'auth' },
    });
    const none = await on.open({ user: undefined, password: undefined });
    expect(await none.storeConsumer.holds(consumer(key), account, secretOf('v1', fresh()))).toMatchObject({
      kind: 'refused',
      fault: { code: 'auth' },
    });
  });
});

test('doctor is content with the rights of the README, and says what is wrong otherwise', async () => {
  expect((await checks()).map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(['reach ok', 'auth ok', 'rights ok']);
  expect(await checks({}, { resolve: async () => secretOf('own', 'wrong') })).toMatchObject([
    { id: 'reach' },
    { id: 'auth', verdict: 'fail' },
  ]);
  expect(await checks({ user: undefined, password: undefined })).toMatchObject([{ id: 'reach' }, { id: 'auth', verdict: 'fail' }]);
  expect(await checks({ endpoints: [`http://127.0.0.1:${await freePort()}`] })).toMatchObject([{ id: 'reach', verdict: 'fail' }]);
});

describe('a server that takes no value', () => {
  test('because its database is full: refused, and nothing changed', async () => {
    const { storeConsumer } = await on.open();
    const key = await on.key();
    const { header } = (await on.lab.admin('kv/range', { key: Buffer.from(key).toString('base64') })) as { header: { member_id: string } };
    const alarm = { memberID: header.member_id, alarm: 'NOSPACE' };
    await on.lab.admin('maintenance/alarm', { action: 'ACTIVATE', ...alarm });
    const put = await storeConsumer.put(consumer(key), account, secretOf('v1', fresh()));
    await on.lab.admin('maintenance/alarm', { action: 'DEACTIVATE', ...alarm });
    expect(put).toMatchObject({ kind: 'refused', fault: { code: 'unreachable', message: expect.stringContaining('NOSPACE') } });
    expect((await on.lab.get(key))?.value).toBe('0ld-value-of-app');
  });

  test.each([1_600_000, 3_000_000])('because it is too large (%i bytes): refused as the value, not as the server', async (size) => {
    const { storeConsumer } = await on.open();
    const put = await storeConsumer.put(consumer(await on.key()), account, secretOf('v1', 'x'.repeat(size)));
    expect(put).toMatchObject({ kind: 'refused', fault: { code: 'policy' } });
  });
});

test('a cluster without authentication is written to, and doctor warns of it', async () => {
  await on.lab.secured(false);
  const found = await checks();
  const { storeConsumer } = await on.open();
  const put = await storeConsumer.put(consumer('/other/key'), account, secretOf('v1', 'not ours'));
  await on.lab.secured(true);
  expect(put.kind).toBe('done');
  expect(found.find(({ id }) => id === 'auth')).toMatchObject({ verdict: 'warn', message: expect.stringContaining('everybody') });
});

test('no value and no password is in the log of the server, though it is as talkative as it gets', async () => {
  const { storeConsumer } = await on.open();
  const text = fresh();
  await storeConsumer.put(consumer(await on.key()), account, secretOf('v1', text));
  const log = readFileSync(on.lab.logFile, 'utf8');
  const forms = [text, on.lab.rekey.password].flatMap((secret) => [secret, Buffer.from(secret).toString('base64').slice(0, 12)]);
  expect(log).not.toBe('');
  expect(forms.filter((form) => log.includes(form))).toEqual([]);
});
