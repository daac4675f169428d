// Ten thousand generated requests to an estate with data in it: SQL and handlers are reached, none fails or waits, no answer holds what its schema does not name.

import { generateIdentity, identityToRecipient } from 'age-encryption';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildApi } from '../../src/http/api.ts';
import { type Asked, type Operation, operations, Requests } from '../harness/generated-requests.ts';
import { type Lived, livedEstate } from '../harness/lived-estate.ts';
import { undeclared } from '../harness/undeclared.ts';

const requests = 10_000;
const seed = 20_261_122;
/** Most is answered in milliseconds; a proof, which tries logins again, takes seconds on two busy cores. */
const slowestMs = 20_000;
/** At once: the store takes one statement at a time, so more would only queue. */
const lanes = 8;

/**
 * Every route is asked, none is left out. Of 100 requests to most of them, so many go to one that reads everything or changes much, and
 * a stream of events is left after its first.
 */
const seldom: Readonly<Record<string, number>> = {
  'POST /v1/discover': 10,
  'GET /v1/doctor': 10,
  'POST /v1/plans': 20,
  'POST /v1/triggers/{playbook}': 20,
  'POST /v1/runs/{id}/proof': 10,
  'GET /v1/runs/{id}/bundle.tar': 20,
  'POST /v1/keyring': 10,
};

let lived: Lived;
let api: FastifyInstance;
const unexpected: unknown[] = [];
/** Real values, by the name of the parameter or field; what answers hold is added while they come. */
const pool = new Map<string, string[]>();
const learn = (name: string, ...values: readonly string[]): void => {
  const known = pool.get(name) ?? [];
  for (const value of values) if (!known.includes(value)) known.push(value);
  pool.set(name, known.slice(-40));
};

beforeAll(async () => {
  lived = await livedEstate();
  const { estate, callers } = lived;
  api = buildApi({
    services: estate.services,
    access: estate.access,
    caller: ({ headers }) => callers[String(headers['x-caller'])] ?? null,
    version: '0',
    report: (error) => unexpected.push(error),
  });
  await api.ready();
  await learnIds();
}, 300_000);
afterAll(async () => {
  await api.close();
  await lived.close();
});

// biome-ignore lint/suspicious/noExplicitAny: whatever the answer holds; only ids are taken from it
const get = async (url: string): Promise<any> => (await api.inject({ url, headers: { 'x-caller': 'all' } })).json();

/** Under the whole path, else under the collection, else for every route. */
const known = (name: string, path: string): readonly string[] =>
  pool.get(`${path} ${name}`) ?? pool.get(`${/^\/v1\/[a-z]+/.exec(path)?.[0]} ${name}`) ?? pool.get(name) ?? [];

async function learnIds(): Promise<void> {
  const { ended, standing, waiting, approved } = lived.ids;
  for (const name of ['/v1/runs id', 'run']) learn(name, ended, standing);
  for (const name of ['/v1/plans id', '/v1/approvals id', 'plan']) learn(name, waiting, approved);
  for (const { system, account } of (await get(`/v1/runs/${ended}/items?limit=30`)).items) {
    learn('system', system);
    learn('account', account);
    for (const act of ['exceptions', 'sign-offs']) learn(`/v1/runs/{id}/${act} account`, `${system}/${account}`);
  }
  const members = (await get('/v1/members')).items.map(({ id }: { id: string }) => id);
  for (const name of ['/v1/members/{id} id', 'member']) learn(name, ...members);
  learn(
    'where',
    'all',
    'system = cargo-erp and tier <= 1 and kind in (service, application) and not tag = x',
    'age > 90d or exposed or shared',
  );
  learn('where', 'name ~ "svc-*" and managed = enterprise and privileged', 'state = complete or owner = "cargo-erp@harbour-pine.example"');
  learn('/v1/notices/templates/{name} name', 'decision', 'progress');
  learn('playbook', 'contain-account');
  learn('confirm', 'erp-again 17', 'crew-again 25');
  learn('expiresAt', new Date(Date.now() + 86_400_000).toISOString());
  learn('recipients', await identityToRecipient(await generateIdentity()));
  const proof = await api.inject({ method: 'POST', url: `/v1/runs/${ended}/proof`, headers: { 'x-caller': 'all' } });
  learn('file', ...proof.json().files);
  learn(
    'text/csv',
    'system,account,owner\ncargo-erp,rekey-canary,dana@example.test\n',
    'system,account\n',
    '\u0000,\u0000\n',
    'a,b\n"open',
  );
}

type Answer = { readonly status: number; readonly type: string; readonly body: string; readonly retryAfter: unknown };

async function answered(asked: Asked, who: string, live: boolean): Promise<Answer> {
  const headers = { ...asked.headers, 'x-caller': who };
  const about = (reply: { statusCode: number; headers: Record<string, unknown> }) => ({
    status: reply.statusCode,
    type: String(reply.headers['content-type'] ?? '').split(';', 1)[0] as string,
    retryAfter: reply.headers['retry-after'],
  });
  if (!live) {
    const reply = await api.inject({ ...asked, headers });
    return { ...about(reply), body: reply.body };
  }
  // A stream of events has no end: its first event is enough.
  const reply = await api.inject({ ...asked, headers, payloadAsStream: true });
  const stream = reply.stream();
  for await (const chunk of stream) {
    stream.destroy();
    return { ...about(reply), body: String(chunk) };
  }
  return { ...about(reply), body: '' };
}

/** Everything in the answer that the document does not say of this route and status. */
function leaks({ replies }: Operation, { status, type, body }: Answer): readonly string[] {
  const reply = replies[String(status)] ?? replies[`${Math.floor(status / 100)}XX`];
  if (reply === undefined) return [`status ${status} is not declared`];
  const schema = reply.content?.[type]?.schema;
  if (schema === undefined) return body === '' ? [] : [`${status} with ${type} is not declared`];
  if (type.endsWith('json') && !type.endsWith('ndjson')) return undeclared(schema, JSON.parse(body));
  if (!type.endsWith('ndjson')) return [];
  const lines = body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type?: unknown });
  return lines.flatMap((line, n) => (n === lines.length - 1 && Object.keys(line).join() === 'type,count' ? [] : undeclared(schema, line)));
}

/** What reads and was not answered with content: there is no OpenID provider here, and no playbook was fired that could be looked at. */
const withoutContent = ['GET /v1/sign-in/oidc', 'GET /v1/sign-in/oidc/callback', 'GET /v1/triggers/{playbook}/{id}'];

it('10,000 requests by every role: no 5xx, none waits, and every answer holds declared fields only', { timeout: 400_000 }, async () => {
  const made = new Requests(seed, known);
  const names = [...Object.keys(lived.callers), 'nobody'];
  const done = new Set<string>();
  const wrong: string[] = [];
  let slowest = { ms: 0, what: '' };
  let sent = 0;
  const one = async (n: number): Promise<void> => {
    const operation = operations[n % operations.length]!;
    const key = `${operation.method} ${operation.path}`;
    if (made.random() * 100 >= (seldom[key] ?? 100)) return;
    sent += 1;
    const asked = made.of(operation, made.random() < 0.4);
    const who = operation.path === '/v1/keyring' ? 'house' : made.random() < 0.5 ? 'all' : made.pick(names);
    const since = performance.now();
    const answer = await answered(asked, who, operation.replies['200']?.content?.['text/event-stream'] !== undefined);
    const ms = performance.now() - since;
    if (ms > slowest.ms) slowest = { ms, what: key };
    if (answer.status < 300) done.add(key);
    const said = `${n} ${who} ${JSON.stringify(asked).slice(0, 600)}\n  → ${answer.status} ${answer.body.slice(0, 300)}`;
    const declared = answer.status === 503 && answer.retryAfter !== undefined;
    if (answer.status >= 500 && !declared) wrong.push(said);
    for (const leak of leaks(operation, answer)) wrong.push(`${leak}: ${said}`);
    if (answer.type !== 'application/json' || answer.status >= 300) return;
    const { cursor, id } = JSON.parse(answer.body) as { cursor?: string; id?: string };
    if (cursor !== undefined) learn(`${operation.path} cursor`, cursor);
    if (id !== undefined && answer.status === 201) learn(`${operation.path} id`, id);
  };
  let next = 0;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      while (sent < requests) await one(next++);
    }),
  );
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(unexpected).toEqual([]);
  expect(slowest.ms, slowest.what).toBeLessThan(slowestMs);
  // What was answered is the evidence that handlers and SQL were reached.
  const reading = operations.filter(({ method }) => method === 'GET').map(({ path }) => `GET ${path}`);
  expect(reading.filter((key) => !done.has(key)).sort()).toEqual(withoutContent);
  expect([...done].filter((key) => key.startsWith('POST')).length).toBeGreaterThan(20);
});
