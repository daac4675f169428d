// Questions with a credential of our own: read anew each time, repeated nowhere, bounded together, and certain where nothing was changed.
import { afterEach, describe, expect, test } from 'vitest';
import type { Io } from '../../kit/kit.ts';
import { secretOf } from '../../seal/secret.ts';
import { type Asking, asks, firstFailure } from './ask.ts';
import { member } from './call.ts';
import { type Loss, type Said, type Seen, simulate } from './simulate.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function opened(answer: (seen: Seen) => Said | Promise<Said>, more: Partial<Asking> = {}, io: Partial<Io> = {}, loss?: Loss) {
  const server = await simulate(answer, () => loss);
  stops.push(() => server.stop());
  const host: Io = {
    system: 's',
    timeoutMs: 1000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: async () => secretOf('own', 'tok-one'),
    path: (relative) => relative,
    ...io,
  };
  const target = { base: new URL(server.url), route: { reach: 'private' as const } };
  return { server, begin: asks({ target, io: host, token: { env: 'T' }, header: (token) => ({ authorization: token }), ...more }) };
}
const get = { method: 'GET', path: ['x'] } as const;
const put = { method: 'PUT', path: ['x'], json: {} } as const;

test('the credential is read for each question', async () => {
  const tokens = ['first', 'second'];
  const { server, begin } = await opened(() => ({ status: 200 }), {}, { resolve: async () => secretOf('own', tokens.shift() ?? '') });
  const ask = begin();
  await ask(get, [200]);
  await ask(get, [200]);
  expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(['first', 'second']);
});

test('a credential that cannot be read is a refusal, and nothing is sent', async () => {
  const { server, begin } = await opened(() => ({ status: 200 }), {}, { resolve: () => Promise.reject(new Error('secret path')) });
  expect(await begin()(put, [200])).toMatchObject({ kind: 'refused', fault: { code: 'auth', target: 'NO-SECRET' } });
  expect(server.seen).toEqual([]);
});

test.each(['reply-lost', 'request-lost', 'silent'] as const)('%s: a read is refused, a write is in doubt', async (loss) => {
  const { begin } = await opened(() => ({ status: 200 }), {}, { timeoutMs: 200 }, loss);
  expect((await begin()(get, [200])).kind).toBe('refused');
  expect((await begin()(put, [200])).kind).toBe('indeterminate');
});

test('all questions of one operation end within the time of one', async () => {
  const slow = async (): Promise<Said> => {
    await new Promise((resolve) => setTimeout(resolve, 120));
    return { status: 200 };
  };
  const { begin } = await opened(slow, {}, { timeoutMs: 300 });
  const began = performance.now();
  const ask = begin();
  const kinds = [];
  for (let n = 0; n < 4; n++) kinds.push((await ask(get, [200])).kind);
  expect(performance.now() - began).toBeLessThan(450);
  expect([kinds[0], kinds[3]]).toEqual(['done', 'refused']);
  expect((await begin()(get, [200])).kind).toBe('done');
});

describe('what the server wrote', () => {
  const said = (body: unknown): unknown => member(body, 'message');
  const messageOf = async (message: string) => {
    const { begin } = await opened(() => ({ status: 403, body: { message } }), { said });
    const answer = await begin()(put, [200], [secretOf('v1', 'the-value')]);
    return answer.kind === 'done' ? '' : answer.fault.message;
  };
  test('is shown', async () => expect(await messageOf('role x lacks y')).toContain('role x lacks y'));
  test.each(['tok-one is bad', 'the-value is too weak', `bad: ${Buffer.from('the-value').toString('base64')}`])(
    'is not shown when it repeats a secret: %s',
    async (message) => expect(await messageOf(message)).not.toContain(message),
  );
});

test('the second in which a limit ends is waited for, by the clock of the server', async () => {
  const answer = (): Said => ({ status: 429, headers: { 'x-reset': String(Math.floor(Date.now() / 1000) + 90) } });
  const { begin } = await opened(answer, { resetHeader: 'x-reset' }, { now: () => new Date(0) });
  const refused = await begin()(put, [200]);
  const wait = refused.kind === 'done' ? 0 : (refused.fault.retryAfterMs ?? 0);
  expect(wait).toBeGreaterThan(85_000);
  expect(wait).toBeLessThanOrEqual(91_000);
});

test('a first failure names what is wrong: the address, the credential, or what answers there', () => {
  const check = (code: 'auth' | 'unreachable' | 'not-found', target: string) => firstFailure({ code, message: 'm', target }, 'https://x');
  expect([
    check('unreachable', 'ECONNREFUSED').id,
    check('unreachable', 'CERT_HAS_EXPIRED').id,
    check('auth', '401').id,
    check('not-found', '404').id,
  ]).toEqual(['reach', 'tls', 'auth', 'reach']);
});
