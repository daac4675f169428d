// The first screen in one answer, and what the screens of a run ask beside the run: its systems, its timeline, one item and its log.
import { z } from 'zod';
import type { Api, Door } from './door.ts';
import { nowSchema, runSystemSchema, timelineSchema } from './now-schema.ts';
import { plain } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { accountParams, idParams } from './query.ts';
import { itemSchema } from './run-schema.ts';

const itemParams = idParams.extend(accountParams.shape);

export function nowRoutes(api: Api, { services, caller }: Door): void {
  api.get(
    '/v1/now',
    {
      config: { needs: 'run.read' },
      schema: {
        operationId: 'now',
        summary: 'What the attacker can still use, where the run is, what needs somebody, which system is in trouble, why and since when',
        response: { 200: nowSchema, ...problemReplies },
      },
    },
    async (request) => plain(await services.now(caller(request))),
  );

  api.get(
    '/v1/runs/:id/systems',
    {
      config: { needs: 'run.read' },
      schema: {
        operationId: 'listRunSystems',
        summary: 'How each system stands in a run',
        params: idParams,
        response: { 200: z.object({ items: z.array(runSystemSchema) }), ...problemReplies },
      },
    },
    async (request) => plain({ items: await services.runSystems(caller(request), request.params.id) }),
  );

  api.get(
    '/v1/runs/:id/timeline',
    {
      config: { needs: 'run.read' },
      schema: {
        operationId: 'runTimeline',
        summary: 'What the log tells of the run itself, newest first',
        params: idParams,
        querystring: z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
        response: { 200: z.object({ items: z.array(timelineSchema) }), ...problemReplies },
      },
    },
    async (request) => plain({ items: await services.runTimeline(caller(request), request.params.id, request.query.limit) }),
  );

  api.get(
    '/v1/runs/:id/items/:system/:account',
    {
      config: { needs: 'run.read' },
      schema: {
        operationId: 'getItem',
        summary: 'One item of a run, with its cells and consumers',
        params: itemParams,
        response: { 200: itemSchema, ...problemReplies },
      },
    },
    async (request) => {
      const { id, system, account } = request.params;
      return plain(await services.item(caller(request), id, system, account));
    },
  );

  api.get(
    '/v1/runs/:id/items/:system/:account/log',
    {
      config: { needs: 'run.read' },
      schema: {
        operationId: 'itemLog',
        summary: 'What the log tells of one item, oldest first',
        params: itemParams,
        response: { 200: z.object({ items: z.array(timelineSchema) }), ...problemReplies },
      },
    },
    async (request) => {
      const { id, system, account } = request.params;
      return plain({ items: await services.itemLog(caller(request), id, system, account) });
    },
  );
}
