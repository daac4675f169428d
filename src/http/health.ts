// Liveness, readiness, and who a client is talking to: the context line of every changing command comes from /v1/about.
import { z } from 'zod';
import type { Api, Door } from './door.ts';
import { problemReplies } from './problem-reply.ts';

const status = z.object({ status: z.literal('ok') });
export const aboutSchema = z
  .object({ estate: z.string(), demo: z.boolean(), version: z.string(), caller: z.object({ name: z.string(), custodian: z.boolean() }) })
  .meta({ id: 'About' });

export function healthRoutes(api: Api, { services, caller, version, ready }: Door): void {
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
      schema: {
        operationId: 'readyz',
        summary: 'The store answers and the worker of this process, if it has one, goes on; 503 while it stops',
        response: { 200: status, ...problemReplies },
      },
    },
    async () => {
      await ready();
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
