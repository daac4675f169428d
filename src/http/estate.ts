// The estate file as it is understood, to read only: it is changed where it lives, under version control.
import { z } from 'zod';
import type { Api, Door } from './door.ts';
import type { EstateFacts } from './estate-services.ts';
import { plain } from './plain.ts';
import { problemReplies } from './problem-reply.ts';

const count = z.number().int();

const estateSchema = z
  .object({
    name: z.string(),
    file: z.string(),
    store: z.object({ kind: z.enum(['embedded', 'postgresql']), where: z.string() }),
    keyring: z.enum(['file', 'env']),
    logKey: z.string(),
    approvals: z.object({ count, tier0: count, handover: count, self: z.boolean() }),
    approvers: z.array(z.object({ name: z.string(), fingerprint: z.string() })),
    systems: z.array(
      z.object({
        id: z.string(),
        connector: z.string(),
        tier: count,
        owner: z.string().nullable(),
        concurrency: z.number().nullable(),
        perSecond: z.number().nullable(),
        canary: z.string().nullable(),
        paths: z.array(z.object({ id: z.string(), probe: z.string() })),
      }),
    ),
    sync: z.array(z.object({ name: z.string(), systems: z.array(z.string()) })),
  })
  .meta({ id: 'Estate' }) satisfies z.ZodType<EstateFacts>;

export function estateRoutes(api: Api, { services, caller }: Door): void {
  api.get(
    '/v1/estate',
    {
      config: { needs: 'estate.read' },
      schema: {
        operationId: 'getEstate',
        summary: 'The estate file as it is understood, without secrets, and what the server stands on',
        response: { 200: estateSchema, ...problemReplies },
      },
    },
    async (request) => plain(await services.estateFacts(caller(request))),
  );
}
