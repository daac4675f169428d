// What is peculiar to GitLab: scopes, attributes that must stay, masking, expansion of $, hidden values.
import { afterEach, describe, expect, test } from 'vitest';
import type { Check, Io } from '../../kit/kit.ts';
import { secretOf } from '../../seal/secret.ts';
import { gitlabCi } from './gitlab-ci.ts';
import { type GitlabOptions, simulateGitlab, token, type Variable } from './simulator.ts';

const account = { system: 'db', id: '1', name: 'app' };
const consumer = { consumer: 'app', ref: 'acme/shop:DB_PASSWORD' };
const fresh = secretOf('v1', 'n3w-value');
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function opened(options: GitlabOptions = {}, more: Partial<Variable> = {}, own = token) {
  const target = await simulateGitlab(options);
  stops.push(() => target.stop());
  const variable = target.add('projects/acme/shop', 'DB_PASSWORD', 'first-value', more);
  const io: Io = {
    system: 'gitlab',
    timeoutMs: 1000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: async () => secretOf('own', own),
    path: (relative) => relative,
  };
  const connection = await gitlabCi.open(gitlabCi.config.parse({ url: target.url, token: { env: 'T' } }), io);
  return { ...connection, target, variable };
}

test('nothing but the value changes, and the value is in no address', async () => {
  const attributes = {
    variable_type: 'file',
    protected: true,
    masked: true,
    raw: true,
    environment_scope: 'production',
    description: 'of the shop',
  } as const;
  const { storeConsumer, target, variable } = await opened({}, attributes);
  expect((await storeConsumer.put(consumer, account, fresh)).kind).toBe('done');
  expect(variable).toMatchObject({ value: 'n3w-value', ...attributes });
  for (const { path, query } of target.seen) expect(`${path.join('/')}?${query}`).not.toContain('n3w');
});

test('of several scopes the one of the ref is written, and without one none', async () => {
  const { storeConsumer, target, variable } = await opened();
  const production = target.add('projects/acme/shop', 'DB_PASSWORD', 'of production', { environment_scope: 'production' });
  expect(await storeConsumer.put(consumer, account, fresh)).toMatchObject({
    kind: 'refused',
    fault: { code: 'conflict', message: expect.stringContaining('add @environment') },
  });
  expect((await storeConsumer.put({ ...consumer, ref: `${consumer.ref}@production` }, account, fresh)).kind).toBe('done');
  expect([variable.value, production.value]).toEqual(['first-value', 'n3w-value']);
});

test("a group's variable is another than that of a project of the same path", async () => {
  const { storeConsumer, target, variable } = await opened();
  const ofGroup = target.add('groups/acme/shop', 'DB_PASSWORD', 'of the group');
  expect((await storeConsumer.put({ ...consumer, ref: 'groups/acme/shop:DB_PASSWORD' }, account, fresh)).kind).toBe('done');
  expect([variable.value, ofGroup.value]).toEqual(['first-value', 'n3w-value']);
});

test('two writes have two versions, of the same value too', async () => {
  const { storeConsumer } = await opened();
  const versions = [];
  for (let n = 0; n < 2; n++) {
    const put = await storeConsumer.put(consumer, account, fresh);
    versions.push(put.kind === 'done' ? put.value.storeVersion : put.kind);
  }
  expect(new Set(versions).size).toBe(2);
});

describe('a value with a $', () => {
  const dollar = secretOf('v1', 'pa$$word-HOME');
  test('is refused where jobs would expand it to something else', async () => {
    const { storeConsumer, variable } = await opened();
    expect(await storeConsumer.put(consumer, account, dollar)).toMatchObject({ kind: 'refused', fault: { code: 'policy' } });
    expect(variable.value).toBe('first-value');
  });
  test('is written to a raw variable', async () => {
    const { storeConsumer, variable } = await opened({}, { raw: true });
    expect((await storeConsumer.put(consumer, account, dollar)).kind).toBe('done');
    expect(variable.value).toBe('pa$$word-HOME');
  });
});

describe('a hidden variable', () => {
  test('is written, and what it holds is not claimed to be known', async () => {
    const { storeConsumer, variable } = await opened({}, { masked: true, hidden: true });
    expect((await storeConsumer.put(consumer, account, fresh)).kind).toBe('done');
    expect(variable.value).toBe('n3w-value');
    for (const secret of [fresh, secretOf('v2', 'other-value')])
      expect(await storeConsumer.holds(consumer, account, secret)).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
  });
});

describe('what a refusal means', () => {
  const putOf = async (options: GitlabOptions, more: Partial<Variable> = {}, own = token, secret = fresh) =>
    (await opened(options, more, own)).storeConsumer.put(consumer, account, secret);

  test('a value that cannot be masked is told as such, and was not stored', async () => {
    expect(await putOf({}, { masked: true }, token, secretOf('v1', 'short'))).toMatchObject({
      kind: 'refused',
      fault: { code: 'policy', message: expect.stringContaining('mask') },
    });
  });

  test('a wrong token, a missing scope and the limit are certain', async () => {
    expect(await putOf({}, {}, 'glpat-wrong')).toMatchObject({ kind: 'refused', fault: { code: 'auth', target: '401' } });
    expect(await putOf({ scopes: ['read_api'] })).toMatchObject({
      kind: 'refused',
      fault: { code: 'permission', message: expect.stringContaining('scope api') },
    });
    expect(await putOf({ limited: true })).toMatchObject({ kind: 'refused', fault: { code: 'throttled', retryAfterMs: 30_000 } });
  });

  test('a second writer is noticed, for the value and for what must stay', async () => {
    for (const options of [
      { after: (variable: Variable) => void Object.assign(variable, { value: 'theirs' }) },
      { before: (variable: Variable) => void Object.assign(variable, { protected: true }) },
    ])
      expect(await putOf(options)).toMatchObject({ kind: 'indeterminate', fault: { code: 'conflict' } });
  });

  test.each([
    ['reply-lost', true],
    ['request-lost', false],
  ] as const)('%s: in doubt, and holds says %s', async (loss, stored) => {
    const { storeConsumer } = await opened({ loses: ({ method }) => (method === 'PUT' ? loss : undefined) });
    expect((await storeConsumer.put(consumer, account, fresh)).kind).toBe('indeterminate');
    expect(await storeConsumer.holds(consumer, account, fresh)).toEqual({ kind: 'done', value: stored });
  });
});

test('a pipeline is started for a project, and not for a group or a branch that is not there', async () => {
  const { storeConsumer, target } = await opened();
  const reload = (text: string, ref = consumer.ref) => storeConsumer.reload({ ...consumer, ref, reload: text });
  expect((await reload('pipeline main')).kind).toBe('done');
  expect(target.pipelines).toEqual(['main']);
  expect((await reload('pipeline gone')).kind).toBe('refused');
  expect(await reload('pipeline main', 'groups/acme:KEY')).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
  expect(await reload('run main')).toMatchObject({ kind: 'refused', fault: { message: expect.stringContaining('pipeline main') } });
});

test('doctor tells a wrong token from a missing scope', async () => {
  const failed = async (options: GitlabOptions, own = token): Promise<string[]> => {
    const found: Check[] = [];
    for await (const check of (await opened(options, {}, own)).check.run()) found.push(check);
    return found.filter(({ verdict }) => verdict !== 'ok').map(({ id, verdict }) => `${id} ${verdict}`);
  };
  expect(await failed({})).toEqual([]);
  expect(await failed({}, 'glpat-wrong')).toEqual(['auth fail']);
  expect(await failed({ scopes: ['read_api'] })).toEqual(['rights fail']);
  expect(await failed({ scopes: ['api', 'sudo'] })).toEqual(['rights warn']);
});
