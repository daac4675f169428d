// Rekey's own token: renewed when the service no longer takes it, taken twice when it was given too early, and a failed login never stands
// for a failed change.
import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { secretOf } from '../../seal/secret.ts';
import type { Target } from '../http/call.ts';
import { passwordLogin, Token } from './auth.ts';
import { Identity } from './identity.ts';

const open: { close(): void; closeAllConnections(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Gives out t1, t2, …; takes those from `good` on. `status` is the answer to a login. */
async function service(good: number, status = 201) {
  const seen: string[] = [];
  let given = 0;
  const server = createServer((request, response) => {
    request.resume();
    const token = request.headers['x-auth-token'];
    seen.push(`${request.method} ${request.url} ${token ?? '-'}`);
    if (request.url === '/v3/auth/tokens') {
      given++;
      response.writeHead(status, { 'x-subject-token': `t${given}` }).end(JSON.stringify({ token: { user: { id: 'me' } } }));
    } else response.writeHead(Number(String(token).slice(1)) >= good ? 200 : 401).end('{}');
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const target: Target = { base: new URL(`http://127.0.0.1:${(server.address() as { port: number }).port}`), route: { reach: 'private' } };
  const io = {
    system: 's',
    timeoutMs: 2000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: async () => secretOf('own', 'x'),
    path: (relative: string) => relative,
  };
  const login = () => passwordLogin(target, io, { id: 'me' }, secretOf('own', 'x'), 'unscoped');
  return { seen, identity: new Identity(target, io, login) };
}
const users = { method: 'GET', path: ['v3', 'users'] } as const;

test('a token that the service no longer takes is renewed once for all calls, and they are sent again', async () => {
  const { seen, identity } = await service(2);
  const both = await Promise.all([identity.ask(users, [200]), identity.ask(users, [200])]);
  expect(both.map(({ kind }) => kind)).toEqual(['done', 'done']);
  expect(seen.filter((line) => line.startsWith('POST')).length).toBe(2);
  expect((await identity.ask(users, [200])).kind).toBe('done');
  expect(seen.at(-1)).toBe('GET /v3/users t2');
});

test('a token that was given in the second of a reset is dead too: one more is asked for, a second later', async () => {
  const { seen, identity } = await service(3);
  const began = performance.now();
  expect((await identity.ask(users, [200])).kind).toBe('done');
  expect(performance.now() - began).toBeGreaterThan(1000);
  expect(seen.at(-1)).toBe('GET /v3/users t3');
});

test('a service that takes no token is told as our own credential, after three tries', async () => {
  const { seen, identity } = await service(99);
  expect(await identity.ask(users, [200])).toMatchObject({ kind: 'refused', fault: { code: 'auth', target: '401' } });
  expect(seen.filter((line) => line.startsWith('GET')).length).toBe(3);
});

test('while Rekey cannot log in nothing else is sent, whatever the login was answered with, and the next call tries again', async () => {
  for (const status of [401, 500]) {
    const { seen, identity } = await service(1, status);
    for (const turn of [1, 2]) {
      expect((await identity.ask({ method: 'PATCH', path: ['v3', 'users', 'x'], json: {} }, [200])).kind).toBe('refused');
      expect(seen).toEqual(Array(turn).fill('POST /v3/auth/tokens -'));
    }
  }
});

test('a token does not print', () => {
  expect(JSON.stringify({ token: new Token('gAAAA-secret') })).toBe('{"token":"[token]"}');
});
