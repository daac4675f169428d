// What a plan touches, as a graph of at most 300 nodes: system ↔ credential ↔ consumer, groups opened one by one.
import { z } from 'zod';
import type { GraphView } from '../domain/graph-view.ts';
import type { Api, Door } from './door.ts';
import { plain } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { idParams } from './query.ts';

const count = z.number().int();
const graphSchema = z
  .object({
    plan: z.string(),
    collapsed: z.boolean(),
    totals: z.object({ systems: count, accounts: count, consumers: count }),
    nodes: z.array(
      z.object({
        id: z.string(),
        kind: z.enum(['system', 'accounts', 'account', 'consumers', 'consumer', 'more']),
        label: z.string(),
        system: z.string().nullable(),
        tier: count.nullable(),
        count,
        open: count,
        expandable: z.boolean(),
      }),
    ),
    edges: z.array(z.object({ from: z.string(), to: z.string(), count })),
  })
  .meta({ id: 'PlanGraph' }) satisfies z.ZodType<GraphView>;

export function planGraphRoutes(api: Api, { services, caller }: Door): void {
  api.get(
    '/v1/plans/:id/graph',
    {
      config: { needs: 'plan.read' },
      schema: {
        operationId: 'getPlanGraph',
        summary: 'What the plan touches, collapsed to at most 300 nodes',
        params: idParams,
        querystring: z.strictObject({
          expand: z.string().max(2000).optional().describe('Ids of expandable nodes, separated by commas.'),
        }),
        response: { 200: graphSchema, ...problemReplies },
      },
    },
    async (request) => {
      const expand = (request.query.expand ?? '').split(',').filter((id) => id !== '');
      return plain(await services.planGraph(caller(request), request.params.id, expand));
    },
  );
}
