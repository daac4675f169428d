// The report of a run's bundle as a page to read: no script runs in it, and nothing in it can reach the console it was opened from.
import { z } from 'zod';
import type { Api, Door } from './door.ts';
import { bytes } from './evidence.ts';
import { streamSchema } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { idParams } from './query.ts';

/** Its styles stand in the page, as it must open offline; `sandbox` takes its origin away. */
const policy = `sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export function reportRoutes(api: Api, { services, caller }: Door): void {
  api.get(
    '/v1/runs/:id/report',
    {
      config: { needs: 'evidence.read' },
      schema: {
        operationId: 'readReport',
        summary: 'The report of the run’s bundle, as a page',
        params: z.strictObject({ id: idParams.shape.id }),
        response: { 200: { description: 'The page.', content: { 'text/html': { schema: streamSchema } } }, ...problemReplies },
      },
    },
    async (request, reply) => {
      const file = await services.bundle(caller(request), request.params.id, 'report.html');
      const source = file.content[Symbol.asyncIterator]();
      const first = await source.next(); // a report that cannot be read is a refusal, not half a page
      return reply
        .type('text/html; charset=utf-8')
        .headers({ 'content-security-policy': policy, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
        .send(bytes(source, first));
    },
  );
}
