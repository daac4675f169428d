// Re-proof of a run and download of its evidence bundle, file by file, as streams.
import { Readable } from 'node:stream';
import { z } from 'zod';
import { Problem } from '../domain/problem.ts';
import type { Api, Door } from './door.ts';
import { plain, streamSchema } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { idParams } from './query.ts';
import { runSchema } from './run-schema.ts';

const proofSchema = z.object({ run: runSchema, size: z.number().int(), files: z.array(z.string()) }).meta({ id: 'Proof' });
/** A bundle is flat or one folder deep; a name that could leave it is refused before any service sees it. */
const fileName = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/, 'not a bundle file name');

export function evidenceRoutes(api: Api, { services, caller }: Door): void {
  api.post(
    '/v1/runs/:id/proof',
    {
      config: { needs: 'evidence.prove' },
      schema: {
        operationId: 'proveRun',
        summary: 'Re-proves what can be, signs a checkpoint',
        params: idParams,
        response: { 200: proofSchema, ...problemReplies },
      },
    },
    async (request) => plain(await services.prove(caller(request), request.params.id)),
  );

  api.get(
    '/v1/runs/:id/bundle.tar',
    {
      config: { needs: 'evidence.read' },
      schema: {
        operationId: 'getBundleArchive',
        summary: 'The whole evidence bundle in one file, which `rekey evidence verify` reads as it is',
        params: idParams,
        response: {
          200: { description: 'The archive (ustar).', content: { 'application/x-tar': { schema: streamSchema } } },
          ...problemReplies,
        },
      },
    },
    async (request, reply) => {
      const { name, content } = await services.bundleArchive(caller(request), request.params.id);
      return reply
        .headers({
          'content-type': 'application/x-tar',
          'content-disposition': `attachment; filename="${name}"`,
          'x-content-type-options': 'nosniff',
        })
        .send(Readable.from(content, { objectMode: false }));
    },
  );

  api.get(
    '/v1/runs/:id/bundle/:file',
    {
      config: { needs: 'evidence.read' },
      schema: {
        operationId: 'getBundleFile',
        summary: 'One file of the evidence bundle',
        params: z.strictObject({ id: idParams.shape.id, file: fileName }),
        response: {
          200: { description: 'The file.', content: { 'application/octet-stream': { schema: streamSchema } } },
          ...problemReplies,
        },
      },
    },
    async (request, reply) => {
      const file = await services.bundle(caller(request), request.params.id, request.params.file);
      const source = file.content[Symbol.asyncIterator]();
      const first = await source.next(); // a file that is not there is a 404, not a broken download
      if (first.done && file.name === '') throw new Problem('not-found', { message: `the bundle has no file ${request.params.file}` });
      return reply.type('application/octet-stream').header('x-content-type-options', 'nosniff').send(bytes(source, first));
    },
  );
}

/** The first chunk is already here; the rest is pulled as the client reads. */
export function bytes(source: AsyncIterator<Uint8Array>, first: IteratorResult<Uint8Array>): Readable {
  async function* all(): AsyncGenerator<Uint8Array> {
    let finished = false;
    try {
      for (let step = first; !step.done; step = await source.next()) yield step.value;
      finished = true;
    } finally {
      if (!finished) await source.return?.();
    }
  }
  return Readable.from(all(), { objectMode: false });
}
