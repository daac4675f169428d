// Ten thousand requests made from the API's own document, valid and broken: every one is answered, none with a 5xx.
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import document from '../../openapi.json' with { type: 'json' };
import { houseCaller } from '../../src/access/caller.ts';
import { Problem } from '../../src/domain/problem.ts';
import { hollowApi } from '../harness/routes.ts';

const requests = 10_000;
const seed = 20_261_121;
type Schema = { [key: string]: unknown };
type Operation = {
  parameters?: { name: string; in: string; schema: Schema }[];
  requestBody?: { content: { [type: string]: { schema: Schema } } };
};

/** mulberry32: small, seeded, good enough to pick with. */
let state = seed;
const random = (): number => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
const odd = [
  '',
  ' ',
  '\u0000',
  '../..',
  '%',
  '%2e%2e%2f',
  "' or 1=1--",
  '<script>',
  '\u202e',
  '🜚'.repeat(50),
  'x'.repeat(5000),
  '-1',
  'NaN',
  '1e999',
  '{"$gt":""}',
  '__proto__',
];

function value(schema: Schema, depth = 0): unknown {
  const ref = schema.$ref as string | undefined;
  if (ref !== undefined)
    return value((document.components.schemas as { [name: string]: Schema })[ref.split('/').at(-1) ?? ''] ?? {}, depth);
  if (random() < 0.08 || depth > 6) return pick<unknown>([...odd, null, -1, 1e308, [], {}, true]);
  if (Array.isArray(schema.enum)) return pick(schema.enum);
  if ('const' in schema) return schema.const;
  for (const many of ['anyOf', 'oneOf', 'allOf']) if (Array.isArray(schema[many])) return value(pick(schema[many] as Schema[]), depth + 1);
  switch (schema.type) {
    case 'integer':
      return Math.floor(random() * 200) - 2;
    case 'number':
      return random() * 100;
    case 'boolean':
      return random() < 0.5;
    case 'array':
      return Array.from({ length: Math.floor(random() * 4) }, () => value((schema.items ?? {}) as Schema, depth + 1));
    case 'object': {
      const made: { [key: string]: unknown } = {};
      for (const [name, inner] of Object.entries((schema.properties ?? {}) as { [name: string]: Schema }))
        if (random() < 0.85) made[name] = value(inner, depth + 1);
      if (random() < 0.1) made[pick(odd)] = pick(odd);
      return made;
    }
    default:
      return random() < 0.5 ? pick(['all', 'R-00000001', 'alice', 'alice@example.test', '2030-01-01T00:00:00Z', 'AAAA']) : pick(odd);
  }
}

let api: FastifyInstance;
const unexpected: unknown[] = [];
beforeAll(async () => {
  const reached = (): never => {
    throw new Problem('conflict', { message: 'reached' });
  };
  api = hollowApi(
    () => houseCaller('root'),
    reached,
    [],
    (error) => unexpected.push(error),
  );
  await api.ready();
});
afterAll(() => api.close());

it('10,000 generated requests get no 5xx, and none waits', { timeout: 110_000 }, async () => {
  const operations = Object.entries(document.paths as unknown as { [path: string]: { [method: string]: Operation } }).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase() as 'GET' | 'POST', operation })),
  );
  const seen = new Map<number, number>();
  for (let n = 0; n < requests; n += 1) {
    const { path, method, operation } = operations[n % operations.length]!;
    const query: { [name: string]: string } = {};
    let url = path;
    for (const { name, in: where, schema } of operation.parameters ?? []) {
      const text = String(value(schema));
      if (where === 'path') url = url.replace(`{${name}}`, random() < 0.9 ? encodeURIComponent(text) : 'x');
      else if (where === 'query' && random() < 0.7) query[name] = text;
    }
    const content = Object.entries(operation.requestBody?.content ?? {})[0];
    const payload = content === undefined ? undefined : JSON.stringify(value(content[1].schema));
    const broken = payload !== undefined && random() < 0.05 ? payload.slice(0, -1) : payload;
    const type = random() < 0.95 ? (content?.[0] ?? 'application/json') : pick(['text/plain', 'application/xml', '']);
    const asked = { method, url, query, ...(broken === undefined ? {} : { payload: broken, headers: { 'content-type': type } }) };
    const reply = await Promise.race([
      api.inject(asked),
      new Promise<never>((_, late) =>
        setTimeout(() => late(new Error(`no answer: ${JSON.stringify(asked).slice(0, 500)}`)), 10_000).unref(),
      ),
    ]);
    seen.set(reply.statusCode, (seen.get(reply.statusCode) ?? 0) + 1);
    if (reply.statusCode >= 500)
      expect.fail(`seed ${seed}, request ${n}: ${reply.statusCode} ${JSON.stringify(asked).slice(0, 500)}\n${reply.body}`);
  }
  expect(unexpected).toEqual([]);
  // Enough got through to say something: handlers were reached, and bad requests were refused as such.
  expect(seen.get(409) ?? 0).toBeGreaterThan(500);
  expect(seen.get(400) ?? 0).toBeGreaterThan(500);
});
