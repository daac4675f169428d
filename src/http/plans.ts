// Plans: made once, never changed, read by page.
import { z } from 'zod';
import type { Api, Door } from './door.ts';
import { plain } from './plain.ts';
import { planItemSchema, planRequestSchema, planSchema } from './plan-schema.ts';
import { problemReplies } from './problem-reply.ts';
import { idParams, pageOf, pageQuery } from './query.ts';

const itemQuery = pageQuery.extend({
  wave: z.coerce.number().int().min(0).max(32_767).optional(),
  action: planItemSchema.shape.action.optional(),
});

export function planRoutes(api: Api, { services, caller }: Door): void {
  api.post(
    '/v1/plans',
    {
      config: { needs: 'plan.create' },
      schema: {
        operationId: 'createPlan',
        summary: 'Makes an immutable plan',
        body: planRequestSchema,
        response: { 201: planSchema, ...problemReplies },
      },
    },
    async (request, reply) => reply.code(201).send(plain(await services.createPlan(caller(request), request.body))),
  );

  api.get(
    '/v1/plans',
    {
      config: { needs: 'plan.read' },
      schema: {
        operationId: 'listPlans',
        summary: 'Plans, newest first',
        querystring: pageQuery,
        response: { 200: z.object({ items: z.array(planSchema), cursor: z.string().exactOptional() }), ...problemReplies },
      },
    },
    async (request) => plain(await services.plans(caller(request), pageOf(request.query))),
  );

  api.get(
    '/v1/plans/:id',
    {
      config: { needs: 'plan.read' },
      schema: { operationId: 'getPlan', summary: 'One plan', params: idParams, response: { 200: planSchema, ...problemReplies } },
    },
    async (request) => plain(await services.plan(caller(request), request.params.id)),
  );

  api.get(
    '/v1/plans/:id/items',
    {
      config: { needs: 'plan.read' },
      schema: {
        operationId: 'listPlanItems',
        summary: 'What the plan does to each credential, by wave',
        params: idParams,
        querystring: itemQuery,
        response: { 200: z.object({ items: z.array(planItemSchema), cursor: z.string().exactOptional() }), ...problemReplies },
      },
    },
    async (request) => {
      const { wave, action } = request.query;
      const only = { ...(wave === undefined ? {} : { wave }), ...(action === undefined ? {} : { action }) };
      return plain(await services.planItems(caller(request), request.params.id, { ...pageOf(request.query), ...only }));
    },
  );
}
