// What goes out to a webhook: signed so that anybody's library agrees, never to an address of ours, and once per change in a room.
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WebhookSpec } from '../estate/notify-spec.ts';
import { secretOf } from '../seal/secret.ts';
import { post } from './chat.ts';
import { sendEvent } from './webhook.ts';
import { signed } from './webhook-signature.ts';

type Seen = {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};
const seen: Seen[] = [];
let answer: { status: number; headers?: Record<string, string>; body?: string } = { status: 204 };
let server: Server;
let base = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  seen.length = 0;
  answer = { status: 204 };
});

const hook = (more: Partial<WebhookSpec> = {}): WebhookSpec => ({
  id: 'soar',
  url: `${base}/hook`,
  style: 'rekey',
  events: [],
  private: true,
  field: 'text',
  ...more,
});
const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(24, 2)];
const secret = (key: Buffer) => secretOf('hook', `whsec_${key.toString('base64')}`);
const at = new Date('2026-11-21T12:00:00Z');
const signal = new AbortController().signal;
const call = (more: Partial<Parameters<typeof sendEvent>[1]> = {}) => ({
  id: 'msg_1',
  body: '{"type":"run.started"}',
  secrets: [secret(one)],
  now: at,
  ...more,
});

describe('signatures', () => {
  it('are those of the specification’s own example', () => {
    const key = secretOf('hook', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const headers = signed('msg_p5jXN8AQM9LWM0D4loKWxJek', new Date(1_614_265_330_000), '{"test": 2432232314}', [key]);
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
    expect(headers['webhook-timestamp']).toBe('1614265330');
  });

  it('of both secrets go along during a rotation', async () => {
    await sendEvent(hook(), call({ secrets: [secret(one), secret(two)] }), signal);
    const [got] = seen;
    const of = (key: Buffer): string =>
      `v1,${createHmac('sha256', key)
        .update(`msg_1.${at.getTime() / 1000}.${got?.body}`)
        .digest('base64')}`;
    expect(got?.headers['webhook-signature']).toBe(`${of(one)} ${of(two)}`);
  });

  it('are not made with a short or foreign secret', () => {
    for (const text of ['whsec_c2hvcnQ=', 'hunter2', Buffer.alloc(32).toString('base64')])
      expect(() => signed('msg_1', at, '{}', [secretOf('hook', text)])).toThrowError('whsec_');
  });
});

describe('a receiver', () => {
  it.each([
    [200, 'sent'],
    [204, 'sent'],
    [301, 'again'],
    [400, 'again'],
    [404, 'again'],
    [410, 'dead'],
    [500, 'again'],
  ])('that answers %i: %s', async (status, kind) => {
    answer = { status, headers: { location: 'http://169.254.169.254/' } };
    expect((await sendEvent(hook(), call(), signal)).kind).toBe(kind);
    expect(seen).toHaveLength(1);
  });

  it('says itself when to come again', async () => {
    answer = { status: 429, headers: { 'retry-after': '120' } };
    expect(await sendEvent(hook(), call(), signal)).toEqual({ kind: 'again', reason: 'answered 429', afterMs: 120_000 });
  });

  it.each([
    'http://127.0.0.1:9/',
    'http://[::1]:9/',
    'http://10.0.0.1/',
    'http://192.168.1.1/',
    'http://localhost:9/',
    'http://[::ffff:127.0.0.1]:9/',
  ])('at %s is called only where the estate file says private', async (url) => {
    expect(await sendEvent(hook({ url, private: false }), call(), signal)).toMatchObject({
      kind: 'dead',
      reason: expect.stringContaining('private: true'),
    });
  });

  it.each(['http://169.254.169.254/latest/meta-data/', 'http://[fe80::1]/', 'http://100.100.100.200/'])(
    'at %s is never called, private or not',
    async (url) => {
      expect(await sendEvent(hook({ url, private: true }), call(), signal)).toMatchObject({ kind: 'dead' });
    },
  );
});

describe('a room', () => {
  const edit = () => hook({ style: 'chat', field: 'content', edit: { method: 'PATCH', url: `${base}/hook/messages/{id}`, id: 'id' } });

  it('gets {text}, or the field it wants', async () => {
    await post(hook({ style: 'chat' }), { text: 'halted\n"now"', earlier: undefined, now: at }, signal);
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ text: 'halted\n"now"' });
  });

  it('that can change a message keeps one for the run', async () => {
    answer = { status: 200, body: '{"id": "42/7"}' };
    expect(await post(edit(), { text: 'one', earlier: undefined, now: at }, signal)).toEqual({ kind: 'sent', remote: '42/7' });
    expect(await post(edit(), { text: 'two', earlier: '42/7', now: at }, signal)).toEqual({ kind: 'sent' });
    expect(seen.map(({ method, url }) => [method, url])).toEqual([
      ['POST', '/hook'],
      ['PATCH', '/hook/messages/42%2F7'],
    ]);
  });

  it('whose message somebody deleted gets a new one', async () => {
    answer = { status: 404 };
    await post(edit(), { text: 'three', earlier: '42', now: at }, signal);
    expect(seen.map(({ method }) => method)).toEqual(['PATCH', 'POST']);
  });
});
