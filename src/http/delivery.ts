// The only routes a secret leaves through: POST, never cached, never in a URL, audited by the services behind them.
import { z } from 'zod';
import { claimStates } from '../deliver/claim-port.ts';
import type { ClaimView, RunClaims } from '../deliver/my-claims.ts';
import { normalId } from '../domain/id.ts';
import type { Api, Door } from './door.ts';
import { bytes } from './evidence.ts';
import { plain, streamSchema } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { accountParams, idParams, pageOf, pageQuery } from './query.ts';

const secretSchema = z
  .object({
    secret: z.string(),
    version: z.number().int(),
    until: z.string().nullable().describe('It may be shown again in the same session until then; null for a custodian.'),
  })
  .meta({ id: 'RevealedSecret' });
const claimSchema = z
  .object({
    system: z.string(),
    account: z.string(),
    id: z.string(),
    login: z.string(),
    service: z.boolean(),
    version: z.number().int(),
    state: z.enum(claimStates),
    setAt: z.string(),
    until: z.string().nullable(),
    revealedAt: z.string().nullable(),
    elsewhere: z.boolean(),
  })
  .meta({ id: 'Claim' }) satisfies z.ZodType<ClaimView>;
const count = z.number().int();
const runClaimsSchema = z
  .object({
    counts: z.object({ waiting: count, revealed: count, used: count, expired: count, withdrawn: count }),
    items: z.array(
      z.object({
        system: z.string(),
        account: z.string(),
        person: z.string().nullable(),
        version: count,
        state: z.enum(claimStates),
        revealedAt: z.string().nullable(),
        reveals: count,
      }),
    ),
    cursor: z.string().exactOptional(),
  })
  .meta({ id: 'RunClaims' }) satisfies z.ZodType<RunClaims>;
const handoverBody = z.strictObject({
  run: z.string().max(64).transform(normalId),
  where: z.string().min(1).max(10_000).exactOptional(),
  recipients: z.array(z.string().min(1).max(200)).min(1).max(20).describe('age recipients (age1…).'),
});

export function deliveryRoutes(api: Api, { services, caller }: Door): void {
  api.addHook('onSend', async (request, reply) => {
    if (request.routeOptions.config.secret === true) reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
  });

  api.post(
    '/v1/accounts/:system/:account/reveal',
    {
      config: { needs: 'secret.reveal', secret: true },
      schema: {
        operationId: 'reveal',
        summary: 'The current secret, to an entitled person',
        params: accountParams,
        response: { 200: secretSchema, ...problemReplies },
      },
    },
    async (request) => {
      const { secret, version, until } = await services.reveal(caller(request), request.params.system, request.params.account);
      return { secret, version, until: until?.toISOString() ?? null };
    },
  );

  api.get(
    '/v1/claims',
    {
      config: { needs: 'signed-in' },
      schema: {
        operationId: 'listClaims',
        summary: 'New credentials that wait for the caller; looking uses up nothing',
        querystring: pageQuery,
        response: { 200: z.object({ items: z.array(claimSchema), cursor: z.string().exactOptional() }), ...problemReplies },
      },
    },
    async (request) => plain(await services.myClaims(caller(request), pageOf(request.query))),
  );

  api.get(
    '/v1/runs/:id/claims',
    {
      config: { needs: 'run.read' },
      schema: {
        operationId: 'listRunClaims',
        summary: 'Who fetched what this run set, and what still waits',
        params: idParams,
        querystring: pageQuery,
        response: { 200: runClaimsSchema, ...problemReplies },
      },
    },
    async (request) => plain(await services.runClaims(caller(request), request.params.id, pageOf(request.query))),
  );

  api.post(
    '/v1/handovers',
    {
      config: { needs: 'secret.handover', secret: true },
      schema: {
        operationId: 'handover',
        summary: 'An age file of NDJSON {system, account, secret, version}; 403 approval-missing names the hand-over until it is approved',
        body: handoverBody,
        response: {
          200: {
            description: 'The age file; its id stands in x-rekey-handover.',
            content: { 'application/octet-stream': { schema: streamSchema } },
          },
          ...problemReplies,
        },
      },
    },
    async (request, reply) => {
      const { id, age } = await services.handover(caller(request), request.body);
      const source = age[Symbol.asyncIterator]();
      return reply
        .type('application/octet-stream')
        .header('x-rekey-handover', id)
        .send(bytes(source, await source.next()));
    },
  );
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The reply holds a secret: it is never cached. */
    readonly secret?: true;
  }
}
