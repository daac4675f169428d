// Runs: start, look, halt, go on. What a plan must be confirmed with is checked behind this door, so no client can skip it.
import { z } from 'zod';
import { normalId } from '../domain/id.ts';
import { itemStates } from '../domain/item.ts';
import type { Api, Door } from './door.ts';
import { ndjsonType, replyNdjson } from './ndjson.ts';
import { allPages } from './pages.ts';
import { plain } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { idParams, largestPage, pageOf, pageQuery } from './query.ts';
import { itemSchema, runSchema } from './run-schema.ts';

const reasonBody = z.strictObject({ reason: z.string().trim().min(1).max(2000) });
const startBody = z.strictObject({
  plan: z.string().max(64).transform(normalId),
  confirm: z.string().max(300).exactOptional().describe('`NAME N`, asked for when the plan touches tier 0 or more than 1,000 credentials.'),
});
const exceptBody = z.strictObject({
  account: z.string().min(1).max(2000).describe('SYSTEM/ACCOUNT'),
  path: z.string().max(200).exactOptional(),
  owner: z.string().min(1).max(300),
  reason: z.string().trim().min(1).max(2000),
  expiresAt: z.iso.datetime({ offset: true }),
});
const signBody = z.strictObject({
  account: z.string().min(1).max(2000).describe('SYSTEM/ACCOUNT'),
  by: z.string().min(1).max(300).describe('Its owner, or an approver of the estate file.'),
  reason: z.string().trim().min(1).max(2000),
});
const itemQuery = pageQuery.extend({
  state: z
    .enum([...itemStates, 'parked'])
    .optional()
    .describe('`parked`: stopped half-way, until a person asks for a retry.'),
  wave: z.coerce.number().int().min(0).max(32_767).optional(),
  system: z.string().min(1).max(200).optional(),
  text: z.string().min(1).max(200).optional().describe('Part of the account’s name.'),
  error: z.string().min(1).max(2000).optional().describe('One of the run’s failures, exactly.'),
});

export function runRoutes(api: Api, { services, caller }: Door): void {
  const reply = { 200: runSchema, ...problemReplies };

  api.post(
    '/v1/runs',
    {
      config: { needs: 'run.start' },
      schema: {
        operationId: 'startRun',
        summary: 'Runs exactly this plan',
        body: startBody,
        response: { 201: runSchema, ...problemReplies },
      },
    },
    async (request, answer) => {
      const who = caller(request);
      const { plan, confirm } = request.body;
      return answer.code(201).send(plain(await services.startRun(who, plan, confirm)));
    },
  );

  api.get(
    '/v1/runs',
    {
      config: { needs: 'run.read' },
      schema: {
        operationId: 'listRuns',
        summary: 'Runs, newest first',
        querystring: pageQuery,
        response: { 200: z.object({ items: z.array(runSchema), cursor: z.string().exactOptional() }), ...problemReplies },
      },
    },
    async (request) => plain(await services.runs(caller(request), pageOf(request.query))),
  );

  api.get(
    '/v1/runs/:id',
    { config: { needs: 'run.read' }, schema: { operationId: 'getRun', summary: 'One run', params: idParams, response: reply } },
    async (request) => plain(await services.run(caller(request), request.params.id)),
  );

  api.get(
    '/v1/runs/:id/items',
    {
      config: { needs: 'run.read' },
      schema: {
        operationId: 'listItems',
        summary: 'Items of a run by page, or all of them as NDJSON when that is what the client accepts',
        params: idParams,
        querystring: itemQuery,
        response: {
          200: {
            description: 'A page, or one line per item.',
            content: {
              'application/json': { schema: z.object({ items: z.array(itemSchema), cursor: z.string().exactOptional() }) },
              [ndjsonType]: { schema: itemSchema },
            },
          },
          ...problemReplies,
        },
      },
    },
    async (request, answer) => {
      const who = caller(request);
      const { cursor: _cursor, limit: _limit, ...asked } = request.query;
      const filter = present(asked);
      if (!request.headers.accept?.includes(ndjsonType)) {
        const page = await services.items(who, request.params.id, { ...pageOf(request.query), ...filter });
        return answer.type('application/json').send(plain(page));
      }
      const rows = allPages((cursor) =>
        services.items(who, request.params.id, { ...filter, limit: largestPage, ...(cursor === undefined ? {} : { cursor }) }),
      );
      return replyNdjson(answer, itemSchema, rows);
    },
  );

  const act = (name: 'pause' | 'abort', summary: string) =>
    api.post(
      `/v1/runs/:id/${name}`,
      {
        config: { needs: `run.${name}` },
        schema: { operationId: `${name}Run`, summary, params: idParams, body: reasonBody, response: reply },
      },
      async (request) => plain(await services[name](caller(request), request.params.id, request.body.reason)),
    );
  act('pause', 'Stops sending; what is on its way is settled. Undoable');
  act('abort', 'Ends the run; items not yet sent stay as they were');

  api.post(
    '/v1/runs/:id/resume',
    {
      config: { needs: 'run.resume' },
      schema: { operationId: 'resumeRun', summary: 'Goes on after a pause', params: idParams, response: reply },
    },
    async (request) => plain(await services.resume(caller(request), request.params.id)),
  );

  api.post(
    '/v1/runs/:id/retry',
    {
      config: { needs: 'run.retry' },
      schema: {
        operationId: 'retryRun',
        summary: 'Takes up items in the named states again; settled items are not touched',
        params: idParams,
        body: z.strictObject({ states: z.array(z.enum(itemStates)).min(1) }),
        response: reply,
      },
    },
    async (request) => plain(await services.retry(caller(request), request.params.id, request.body.states)),
  );

  api.post(
    '/v1/runs/:id/exceptions',
    {
      config: { needs: 'run.except' },
      schema: {
        operationId: 'exceptItem',
        summary: 'A named owner accepts an open cell until a date',
        params: idParams,
        body: exceptBody,
        response: reply,
      },
    },
    async (request) => plain(await services.except(caller(request), request.params.id, request.body)),
  );

  api.post(
    '/v1/runs/:id/sign-offs',
    {
      config: { needs: 'run.sign-off' },
      schema: {
        operationId: 'signOffItem',
        summary: 'An owner says that a task by hand is done; it reads signed, never proved',
        params: idParams,
        body: signBody,
        response: reply,
      },
    },
    async (request) => plain(await services.signOff(caller(request), request.params.id, request.body)),
  );
}

/** Without undefined members, which the services' types forbid. */
function present<T extends object>(asked: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  }; // fewer members of the same types
}
