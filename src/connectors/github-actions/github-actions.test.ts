// What is peculiar to GitHub: values nobody can read again, keys that change, access that is sent along, limits in two forms, repositories that move.
import { afterEach, describe, expect, test } from 'vitest';
import type { Check, Io } from '../../kit/kit.ts';
import { member } from '../../protocols/http/call.ts';
import { secretOf } from '../../seal/secret.ts';
import { githubActions } from './github-actions.ts';
import { type GithubOptions, simulateGithub, stamp, token } from './simulator.ts';

const account = { system: 'db', id: '1', name: 'app' };
const consumer = { consumer: 'app', ref: 'acme/shop:DB_PASSWORD' };
const scope = 'repos/acme/shop/actions';
const fresh = secretOf('v1', 'n3w-välue');
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function opened(options: GithubOptions = {}, own = token) {
  const target = await simulateGithub(options);
  stops.push(() => target.stop());
  target.add(scope, 'DB_PASSWORD', 'first');
  const io: Io = {
    system: 'github',
    timeoutMs: 1000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: async () => secretOf('own', own),
    path: (relative) => relative,
  };
  const open = () => githubActions.open(githubActions.config.parse({ url: target.url, token: { env: 'T' } }), io);
  return { ...(await open()), target, open };
}
const puts = (target: Awaited<ReturnType<typeof opened>>['target']) => target.seen.filter(({ method }) => method === 'PUT');

test('the value leaves sealed, arrives whole, and its version is the date and the key', async () => {
  const { storeConsumer, target } = await opened();
  const put = await storeConsumer.put(consumer, account, fresh);
  const stored = target.secrets.get(`${scope}:DB_PASSWORD`);
  expect(stored?.value).toBe('n3w-välue');
  const key = member(puts(target)[0]?.body, 'key_id');
  expect(put).toEqual({ kind: 'done', value: { storeVersion: `${stored?.updated_at} key ${key}` } });
  for (const { text } of target.seen) expect(text).not.toContain('n3w-v');
});

test.each(['repos/acme/shop/environments/production', 'orgs/acme/actions'])('%s has a key and a place of its own', async (other) => {
  const { storeConsumer, target } = await opened();
  target.add(other, 'DB_PASSWORD', 'first', other.startsWith('orgs') ? { visibility: 'private' } : {});
  const ref = other.startsWith('orgs') ? 'acme:DB_PASSWORD' : 'acme/shop@production:DB_PASSWORD';
  expect((await storeConsumer.put({ consumer: 'app', ref }, account, fresh)).kind).toBe('done');
  expect([target.secrets.get(`${other}:DB_PASSWORD`)?.value, target.secrets.get(`${scope}:DB_PASSWORD`)?.value]).toEqual([
    'n3w-välue',
    'first',
  ]);
});

test("an organisation's secret keeps who may use it, over all pages", async () => {
  const { storeConsumer, target } = await opened();
  const repositories = Array.from({ length: 230 }, (_, n) => n + 1);
  target.add('orgs/acme/actions', 'KEY', 'first', { visibility: 'selected', repositories });
  expect((await storeConsumer.put({ consumer: 'app', ref: 'acme:KEY' }, account, fresh)).kind).toBe('done');
  expect(target.secrets.get('orgs/acme/actions:KEY')).toMatchObject({ value: 'n3w-välue', visibility: 'selected', repositories });
});

describe('the public key', () => {
  test('changed between reading and writing is read again, once', async () => {
    let changes = 1;
    const { storeConsumer, target } = await opened({ before: ({ rotateKey }) => void (changes-- > 0 && rotateKey()) });
    expect((await storeConsumer.put(consumer, account, fresh)).kind).toBe('done');
    expect(puts(target)).toHaveLength(2);
    expect(target.secrets.get(`${scope}:DB_PASSWORD`)?.value).toBe('n3w-välue');
  });

  test('that changes every time is given up, and nothing was stored', async () => {
    const { storeConsumer, target } = await opened({ before: ({ rotateKey }) => rotateKey() });
    expect(await storeConsumer.put(consumer, account, fresh)).toMatchObject({ kind: 'refused', fault: { target: '422' } });
    expect(puts(target)).toHaveLength(2);
    expect(target.secrets.get(`${scope}:DB_PASSWORD`)?.value).toBe('first');
  });
});

describe('what a value nobody can read again is known to be', () => {
  test('nothing, for a value this process did not write', async () => {
    const { storeConsumer, open } = await opened();
    expect(await storeConsumer.holds(consumer, account, fresh)).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
    expect((await storeConsumer.put(consumer, account, fresh)).kind).toBe('done');
    expect(await (await open()).storeConsumer.holds(consumer, account, fresh)).toMatchObject({ kind: 'refused' });
  });

  test('ours, as long as GitHub dates it as it did with our write', async () => {
    const { storeConsumer, target } = await opened();
    await storeConsumer.put(consumer, account, fresh);
    expect(await storeConsumer.holds(consumer, account, fresh)).toEqual({ kind: 'done', value: true });
    expect(await storeConsumer.holds(consumer, account, secretOf('v2', 'other'))).toEqual({ kind: 'done', value: false });
    const stored = target.secrets.get(`${scope}:DB_PASSWORD`);
    if (stored !== undefined) stored.updated_at = stamp(new Date(Date.now() + 5000));
    for (const secret of [fresh, secretOf('v2', 'other')])
      expect(await storeConsumer.holds(consumer, account, secret)).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
  });

  test.each([
    ['reply-lost', true],
    ['request-lost', false],
  ] as const)('%s: in doubt, and its date says %s', async (loss, stored) => {
    const { storeConsumer } = await opened({ loses: ({ method }) => (method === 'PUT' ? loss : undefined) });
    expect((await storeConsumer.put(consumer, account, fresh)).kind).toBe('indeterminate');
    expect(await storeConsumer.holds(consumer, account, fresh)).toEqual({ kind: 'done', value: stored });
    expect(await storeConsumer.holds(consumer, account, secretOf('v2', 'other'))).toMatchObject({ kind: 'refused' });
  });
});

describe('what a refusal means', () => {
  const putOf = async (options: GithubOptions, own = token) => (await opened(options, own)).storeConsumer.put(consumer, account, fresh);

  test('both limits ask to wait as long as they say', async () => {
    expect(await putOf({ limit: 'secondary' })).toMatchObject({
      kind: 'refused',
      fault: { code: 'throttled', target: '429', retryAfterMs: 60_000 },
    });
    const used = await putOf({ limit: 'used-up' });
    expect(used).toMatchObject({ kind: 'refused', fault: { code: 'throttled', target: '403' } });
    const wait = used.kind === 'done' ? 0 : (used.fault.retryAfterMs ?? 0);
    expect(wait).toBeGreaterThan(110_000);
    expect(wait).toBeLessThan(125_000);
  });

  test('a wrong token, a token that may not write and a renamed repository are told apart', async () => {
    expect(await putOf({}, 'ghp_wrong')).toMatchObject({ kind: 'refused', fault: { code: 'auth', target: '401' } });
    expect(await putOf({ readOnly: true })).toMatchObject({ kind: 'refused', fault: { code: 'permission', target: '403' } });
    expect(await putOf({ moved: true })).toMatchObject({
      kind: 'refused',
      fault: { code: 'not-found', message: expect.stringContaining('renamed') },
    });
  });

  test('a value over 48 KB is refused before anything is sent', async () => {
    const { storeConsumer, target } = await opened();
    expect(await storeConsumer.put(consumer, account, secretOf('v1', 'x'.repeat(48 * 1024 + 1)))).toMatchObject({
      fault: { code: 'policy' },
    });
    expect(target.seen).toEqual([]);
  });
});

describe('a workflow', () => {
  const workflow = { ...consumer, reload: 'dispatch deploy.yml@main', health: 'run deploy.yml@main' };

  test('begun after the write and ended well shows the adoption; one begun before, still running or failed does not', async () => {
    const { storeConsumer, target } = await opened();
    target.runs.push({ created_at: stamp(new Date(Date.now() - 5000)), status: 'completed', conclusion: 'success', head_branch: 'main' });
    await storeConsumer.put(consumer, account, fresh);
    expect(await storeConsumer.healthy(workflow)).toEqual({ kind: 'done', value: false });
    expect((await storeConsumer.reload(workflow)).kind).toBe('done');
    expect(await storeConsumer.healthy(workflow)).toEqual({ kind: 'done', value: false });
    const run = target.runs[0];
    if (run !== undefined) run.conclusion = 'failure';
    expect(await storeConsumer.healthy(workflow)).toEqual({ kind: 'done', value: false });
    if (run !== undefined) run.conclusion = 'success';
    expect(await storeConsumer.healthy(workflow)).toEqual({ kind: 'done', value: true });
    expect(await storeConsumer.healthy({ ...workflow, health: 'run deploy.yml@other' })).toEqual({ kind: 'done', value: false });
  });

  test('that is not there, and one for an organisation, are refused', async () => {
    const { storeConsumer, target } = await opened();
    target.add('orgs/acme/actions', 'KEY', 'first', { visibility: 'all' });
    expect(await storeConsumer.reload({ ...workflow, reload: 'dispatch none.yml@main' })).toMatchObject({
      kind: 'refused',
      fault: { code: 'not-found' },
    });
    expect(await storeConsumer.reload({ ...workflow, reload: 'dispatch deploy.yml@gone' })).toMatchObject({
      kind: 'refused',
      fault: { code: 'policy' },
    });
    expect(await storeConsumer.reload({ ...workflow, ref: 'acme:KEY' })).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
  });
});

test('doctor tells a wrong token from a server that is down', async () => {
  const failed = async (own: string): Promise<string[]> => {
    const found: Check[] = [];
    for await (const check of (await opened({}, own)).check.run()) found.push(check);
    return found.filter(({ verdict }) => verdict !== 'ok').map(({ id }) => id);
  };
  expect(await failed(token)).toEqual([]);
  expect(await failed('ghp_wrong')).toEqual(['auth']);
});
