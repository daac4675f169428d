// What a change of a RabbitMQ user comes to when the API answers in ways a healthy broker seldom does.
import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import type { Io } from '../../kit/kit.ts';
import { secretOf } from '../../seal/secret.ts';
import { config } from './config.ts';
import { rabbitmq } from './rabbitmq.ts';

type Said = { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> };
const user = { name: 'app', tags: ['management'], password_hash: 'old', limits: {} };
let server: Server;
let calls: string[] = [];
let bodies: string[] = [];

/** Answers by method, in the order given; the last answer is given again. */
async function broker(answers: Record<string, readonly Said[]>) {
  calls = [];
  bodies = [];
  const given = new Map<string, number>();
  server = createServer((request, response) => {
    const method = request.method ?? '';
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk));
    request.on('end', () => {
      calls.push(`${method} ${request.url}`);
      bodies.push(body);
      const n = given.get(method) ?? 0;
      given.set(method, n + 1);
      const said = answers[method]?.[Math.min(n, (answers[method]?.length ?? 1) - 1)] ?? { status: 500 };
      // What was written last is what a later look finds.
      const stored = method === 'GET' && n > 0 ? { ...user, ...lastPut() } : undefined;
      response.writeHead(said.status, said.headers).end(JSON.stringify(said.body ?? stored ?? user));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  const io: Io = {
    system: 'mq',
    timeoutMs: 2_000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: async () => secretOf('own', 'own-password'),
    path: (relative) => relative,
  };
  return rabbitmq.open(config.parse({ host: '127.0.0.1', port, user: 'rekey', password: { env: 'UNUSED' } }), io);
}
const lastPut = (): object => JSON.parse(bodies.findLast((body) => body !== '') ?? '{}') as object;
afterEach(() => void server?.close());

const account = { system: 'mq', id: 'app', name: 'app' };
const fresh = secretOf('v1', 'Zq7canary-xK4wPd2-n3w');

describe('a reset', () => {
  test('sends back the tags it read, and a hash in place of the secret', async () => {
    const { setSecret } = await broker({ GET: [{ status: 200 }], PUT: [{ status: 204 }] });
    expect(await setSecret.set(account, fresh)).toEqual({ kind: 'done', value: undefined });
    expect(lastPut()).toEqual({
      password_hash: expect.stringMatching(/^[A-Za-z0-9+/]{48}$/),
      hashing_algorithm: 'rabbit_password_hashing_sha256',
      tags: ['management'],
    });
    expect(bodies.join()).not.toContain('Zq7canary');
  });

  test('that made a user because it was deleted meanwhile takes it away again, or says that it could not', async () => {
    const good = await broker({ GET: [{ status: 200 }], PUT: [{ status: 201 }], DELETE: [{ status: 204 }] });
    expect(await good.setSecret.set(account, fresh)).toMatchObject({ kind: 'refused', fault: { code: 'not-found' } });
    expect(calls.at(-1)).toBe('DELETE /api/users/app');
    server.close();
    const bad = await broker({ GET: [{ status: 200 }], PUT: [{ status: 201 }], DELETE: [{ status: 500 }] });
    expect(await bad.setSecret.set(account, fresh)).toMatchObject({ kind: 'indeterminate', fault: { target: '201' } });
  });

  test('whose hash is not the one found afterwards is in doubt: somebody else writes', async () => {
    const { setSecret } = await broker({
      GET: [{ status: 200 }, { status: 200, body: { ...user, password_hash: 'theirs' } }],
      PUT: [{ status: 204 }],
    });
    expect(await setSecret.set(account, fresh)).toMatchObject({ kind: 'indeterminate', fault: { code: 'conflict' } });
  });

  test.each([
    [{ status: 429, headers: { 'retry-after': '7' } }, 'refused', { code: 'throttled', retryAfterMs: 7000 }],
    [{ status: 400, body: { error: 'bad_request', reason: 'tags_not_present' } }, 'refused', { code: 'protocol' }],
    [{ status: 503 }, 'indeterminate', { target: '503' }],
    [{ status: 302 }, 'indeterminate', { target: '302' }],
  ] as const)('answered %j is %s', async (said, kind, fault) => {
    const { setSecret } = await broker({ GET: [{ status: 200 }], PUT: [said] });
    expect(await setSecret.set(account, fresh)).toMatchObject({ kind, fault });
  });

  test('is not begun when the user cannot be read: whatever the reason, nothing was written', async () => {
    for (const said of [{ status: 500 }, { status: 200, body: { odd: true } }]) {
      const { setSecret } = await broker({ GET: [said] });
      expect((await setSecret.set(account, fresh)).kind).toBe('refused');
      expect(calls.filter((call) => call.startsWith('PUT'))).toEqual([]);
      server.close();
    }
  });
});

test('a limit that blocks is set to 0 and taken away again; blocking twice is one limit', async () => {
  const plain = { ...user, tags: [] };
  const { contain } = await broker({
    GET: [
      { status: 200, body: plain },
      { status: 200, body: { ...plain, limits: { 'max-connections': 0 } } },
    ],
    PUT: [{ status: 204 }],
    DELETE: [{ status: 204 }],
  });
  for (const step of [contain.block, contain.block, contain.unblock]) expect((await step(account)).kind).toBe('done');
  expect(calls.filter((call) => !call.startsWith('GET'))).toEqual([
    'PUT /api/user-limits/app/max-connections',
    'DELETE /api/user-limits/app/max-connections',
  ]);
});
