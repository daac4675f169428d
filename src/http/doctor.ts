// Checks of the estate and its systems as they finish, one NDJSON line each.
import { z } from 'zod';
import { checkSchema } from './account-schema.ts';
import type { Api, Door } from './door.ts';
import { ndjsonType, replyNdjson } from './ndjson.ts';
import { problemReplies } from './problem-reply.ts';

export function doctorRoutes(api: Api, { services, caller }: Door): void {
  api.get(
    '/v1/doctor',
    {
      config: { needs: 'estate.check' },
      schema: {
        operationId: 'doctor',
        summary: 'Checks file, keyring, store and each system',
        querystring: z.strictObject({ system: z.string().max(200).optional() }),
        response: { 200: { description: 'One line per check.', content: { [ndjsonType]: { schema: checkSchema } } }, ...problemReplies },
      },
    },
    async (request, reply) => replyNdjson(reply, checkSchema, services.doctor(caller(request), request.query.system)),
  );
}
