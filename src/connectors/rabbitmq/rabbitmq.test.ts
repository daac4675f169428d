// What the RabbitMQ connector decides without a broker: answers to outcomes, answers to verdicts, hashes, links, its block of the estate file.
import { describe, expect, test } from 'vitest';
import { secretOf } from '../../seal/secret.ts';
import { type Answer, loginFailed, noSecret, pathOf } from './api.ts';
import { apiOf, config, listenersOf } from './config.ts';
import { outcomeOf, statusMeanings } from './fault.ts';
import { hashOf } from './hash.ts';
import { kindOf } from './inventory.ts';
import { linksOf } from './links.ts';
import { probedOf } from './probe.ts';
import { userIn } from './user.ts';

const answered = (status: number, reason = ''): Answer => ({ kind: 'answered', status, reason, json: undefined });

describe('an answer to a call', () => {
  test.each([
    [400, '', 'protocol'],
    [401, loginFailed, 'auth'],
    [401, 'Not administrator user', 'permission'],
    [403, '', 'permission'],
    [404, '', 'not-found'],
    [405, '', 'unsupported'],
    [429, '', 'throttled'],
  ] as const)('%d %s is refused as %s', (status, reason, fault) => {
    expect(outcomeOf(answered(status, reason))).toMatchObject({ kind: 'refused', fault: { code: fault, target: String(status) } });
  });

  test('of the server being unwell, or unknown, says nothing certain', () => {
    for (const status of [500, 502, 503, 504, 301, 418, 409]) expect(outcomeOf(answered(status)).kind).toBe('indeterminate');
    expect(statusMeanings.every(({ status }) => status < 500)).toBe(true);
  });

  test('that is lost is in doubt, one that was never sent is refused', () => {
    expect(outcomeOf({ kind: 'no-answer', code: 'ECONNRESET' })).toMatchObject({ kind: 'indeterminate', fault: { target: 'ECONNRESET' } });
    expect(outcomeOf({ kind: 'not-sent', code: 'ECONNREFUSED' })).toMatchObject({ kind: 'refused', fault: { code: 'unreachable' } });
    expect(outcomeOf({ kind: 'not-sent', code: noSecret })).toMatchObject({ kind: 'refused', fault: { code: 'auth' } });
  });

  test('to wait says how long', () => {
    expect(outcomeOf(answered(429))).toMatchObject({ fault: { retryAfterMs: 1000 } });
    expect(outcomeOf({ kind: 'answered', status: 429, reason: '', json: undefined, retryAfterMs: 7000 })).toMatchObject({
      fault: { retryAfterMs: 7000 },
    });
  });
});

test.each([
  [200, '', 'accepted'],
  [401, loginFailed, 'rejected'],
  [401, 'Not management user', 'accepted'],
  [401, 'something new', 'indeterminate'],
  [403, loginFailed, 'indeterminate'],
  [404, '', 'indeterminate'],
  [429, '', 'indeterminate'],
  [500, '', 'indeterminate'],
  [503, '', 'indeterminate'],
] as const)('a login answered %d %s is %s', (status, reason, verdict) => {
  expect(probedOf(answered(status, reason)).verdict).toBe(verdict);
});

describe('a hash', () => {
  // The worked example of the RabbitMQ documentation on passwords: salt 908DC60A, password test12.
  const published = 'kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR';

  test('is the published one for the published password and salt', () => {
    expect(hashOf(secretOf('published', 'test12'), Buffer.from('908dc60a', 'hex'))).toBe(published);
  });

  test('made twice differs', () => {
    const secret = secretOf('v1', 'test12');
    expect(hashOf(secret)).not.toBe(hashOf(secret));
  });
});

test('links are found by the name in their addresses, encoded or in a list, and show no password', () => {
  const parameter = (component: string, value: unknown) => ({ component, vhost: '/', name: 'n', value });
  const found = linksOf('two words', [
    parameter('shovel', { 'src-uri': 'amqp://two%20words:pw@h', 'dest-uri': 'amqp://x@h' }),
    parameter('federation-upstream', { uri: ['amqp://x@h', 'amqps://two%20words@h'] }),
    parameter('federation-upstream', { uri: 'amqp://two%2520words:pw@h' }),
    parameter('shovel', { 'src-uri': 'encrypted:abc', 'src-queue': 'amqp://two%20words@h' }),
    parameter('other', null),
  ]);
  expect(found).toEqual(['shovel / n', 'federation-upstream / n']);
});

test('a user is read with tags as a list or as a text, and they are kept as they came', () => {
  expect(userIn({ name: 'a', tags: ['x', 'y'], password_hash: 'h', limits: { 'max-connections': 0 } })).toMatchObject({
    tags: ['x', 'y'],
    tagList: ['x', 'y'],
    mostConnections: 0,
  });
  expect(userIn({ name: 'a', tags: 'x, y', limits: [] })).toMatchObject({
    tags: 'x, y',
    tagList: ['x', 'y'],
    hash: '',
    mostConnections: undefined,
  });
  for (const odd of [undefined, null, [], { name: 1 }, { name: 'a' }]) expect(userIn(odd)).toBeUndefined();
});

test('a name is one part of a path, whatever is in it', () => {
  expect(pathOf('users', 'a/b?c#d%2F é')).toBe('users/a%2Fb%3Fc%23d%252F%20%C3%A9');
});

test('the estate file: standard ports follow the protection, and nothing crosses a network in the clear by accident', () => {
  const block = (more: object = {}) => ({ host: 'mq.example.test', user: 'rekey', password: { env: 'PW' }, ...more });
  const io = { path: (relative: string) => relative } as never;
  const ports = (more: object) => {
    const settings = config.parse(block(more));
    return [apiOf(settings, io).port, ...listenersOf(settings, io).map(({ port }) => port)];
  };
  expect(ports({})).toEqual([15_671, 5671]);
  expect(ports({ host: '127.0.0.1' })).toEqual([15_672, 5672]);
  expect(ports({ port: 9, amqp: [{ host: 'a', port: 8 }, { host: 'b' }] })).toEqual([9, 8, 5671]);
  expect(config.safeParse(block({ tls: { mode: 'disable' } })).error?.issues[0]?.path).toEqual(['host']);
  expect(config.safeParse(block({ host: '::1', tls: { mode: 'disable' }, amqp: [{ host: 'a' }] })).error?.issues[0]?.path).toEqual([
    'amqp',
    0,
    'host',
  ]);
  expect(config.safeParse(block({ password: 'in clear' })).success).toBe(false);
});

test('guest is shared, addresses and first.last are people, the rest are services', () => {
  expect(['guest', 'jane.roe', 'a@b.test', 'svc-orders'].map(kindOf)).toEqual(['shared', 'human', 'human', 'service']);
});
