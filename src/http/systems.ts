// Systems: what they are, what Rekey may do there and what troubles them. Reading opens no connection to a target; doctor does.
import { z } from 'zod';
import type { Api, Door } from './door.ts';
import { plain } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { systemDetailSchema, systemSchema } from './system-schema.ts';

export function systemRoutes(api: Api, { services, caller }: Door): void {
  api.get(
    '/v1/systems',
    {
      config: { needs: 'estate.read' },
      schema: {
        operationId: 'listSystems',
        summary: 'Every system of the estate file, and those that left it',
        response: { 200: z.object({ items: z.array(systemSchema) }), ...problemReplies },
      },
    },
    async (request) => plain({ items: await services.systems(caller(request)) }),
  );

  api.get(
    '/v1/systems/:system',
    {
      config: { needs: 'estate.read' },
      schema: {
        operationId: 'getSystem',
        summary: 'One system: policy, limits, paths, capabilities, trouble',
        params: z.strictObject({ system: z.string().min(1).max(200) }),
        response: { 200: systemDetailSchema, ...problemReplies },
      },
    },
    async (request) => plain(await services.system(caller(request), request.params.system)),
  );
}
