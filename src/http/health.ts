// Liveness, readiness, and who a client is talking to: the context line of every changing command comes from /v1/about.
import { z } from 'zod';
import { houseCaller } from '../access/caller.ts';
import type { Api, Door } from './door.ts';
import { problemReplies } from './problem-reply.ts';

const status = z.object({ status: z.literal('ok') });
export const aboutSchema = z
  .object({ estate: z.string(), demo: z.boolean(), version: z.string(), caller: z.object({ name: z.string(), custodian: z.boolean() }) })
  .meta({ id: 'About' });

/** Nothing of what is read leaves: only whether it could be. */
const prober = houseCaller('readyz');

export function healthRoutes(api: Api, { services, caller, version }: Door): void {
  api.get(
    '/healthz',
    {
      config: { needs: 'public' },
      schema: { operationId: 'healthz', summary: 'The process answers', response: { 200: status, ...problemReplies } },
    },
    async () => ({
      status: 'ok' as const,
    }),
  );

  api.get(
    '/readyz',
    {
      config: { needs: 'public' },
      schema: { operationId: 'readyz', summary: 'The store answers: one run is looked up', response: { 200: status, ...problemReplies } },
    },
    async () => {
      await services.runs(prober, { limit: 1 });
      return { status: 'ok' as const };
    },
  );

  api.get(
    '/v1/about',
    {
      config: { needs: 'signed-in' },
      schema: { operationId: 'about', summary: 'Estate, version and caller', response: { 200: aboutSchema, ...problemReplies } },
    },
    async (request) => {
      const { name, custodian } = caller(request);
      return { estate: services.estateName, demo: services.demo, version, caller: { name, custodian } };
    },
  );
}
