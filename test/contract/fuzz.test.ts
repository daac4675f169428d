// Ten thousand requests made from the API's own document, valid and broken: every one is answered, none with a 5xx.
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { houseCaller } from '../../src/access/caller.ts';
import { Problem } from '../../src/domain/problem.ts';
import { operations, Requests } from '../harness/generated-requests.ts';
import { hollowApi } from '../harness/routes.ts';

const requests = 10_000;
const seed = 20_261_121;

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
  const made = new Requests(seed);
  const seen = new Map<number, number>();
  for (let n = 0; n < requests; n += 1) {
    const asked = made.of(operations[n % operations.length]!, true);
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
