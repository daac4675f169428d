// The only routes a secret leaves through: POST, never cached, never in a URL, audited by the services behind them.
import { z } from 'zod';
import { normalId } from '../domain/id.ts';
import type { Api, Door } from './door.ts';
import { bytes } from './evidence.ts';
import { streamSchema } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { accountParams } from './query.ts';

const secretSchema = z.object({ secret: z.string(), version: z.number().int() }).meta({ id: 'RevealedSecret' });
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
    async (request) => services.reveal(caller(request), request.params.system, request.params.account),
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
