// Accounts, discovery and CSV imports. Uploads are read as a raw stream: a million rows pass in flat memory.
import { z } from 'zod';
import { Problem } from '../domain/problem.ts';
import { accountSchema, discoverSchema, importSchema } from './account-schema.ts';
import { type AccountSort, accountSorts } from './account-services.ts';
import type { Api, Door } from './door.ts';
import { ndjsonType, replyNdjson } from './ndjson.ts';
import { plain } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { accountParams, pageOf, pageQuery } from './query.ts';

const where = z.string().min(1).max(10_000).describe('Selector; `all` must be said, it is never implied.');
const sorts = accountSorts.flatMap((by) => [by, `-${by}` as const]);
const kindParams = z.strictObject({ kind: z.enum(['owners', 'consumers', 'exposed', 'people']) });
const importQuery = z.strictObject({
  partial: z.enum(['true', 'false']).default('false').describe('true: import the good rows and report the bad ones.'),
  file: z.string().max(1000).default('upload.csv').describe('Name used in messages.'),
});

export function inventoryRoutes(api: Api, { services, caller }: Door): void {
  api.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload));

  api.get(
    '/v1/accounts',
    {
      config: { needs: 'estate.read' },
      schema: {
        operationId: 'listAccounts',
        summary: 'Accounts of the inventory that a selector names',
        querystring: pageQuery.extend({
          where,
          sort: z.enum(sorts).optional().describe('`-` before the name turns it round; by system and name when left out.'),
        }),
        response: { 200: z.object({ items: z.array(accountSchema), cursor: z.string().exactOptional() }), ...problemReplies },
      },
    },
    async (request) => {
      const sort = sortOf(request.query.sort);
      const query = { ...pageOf(request.query), where: request.query.where, ...(sort === undefined ? {} : { sort }) };
      return plain(await services.accounts(caller(request), query));
    },
  );

  api.get(
    '/v1/accounts/:system/:account',
    {
      config: { needs: 'estate.read' },
      schema: {
        operationId: 'getAccount',
        summary: 'One account',
        params: accountParams,
        response: { 200: accountSchema, ...problemReplies },
      },
    },
    async (request) => plain(await services.account(caller(request), request.params.system, request.params.account)),
  );

  api.post(
    '/v1/discover',
    {
      config: { needs: 'estate.discover' },
      schema: {
        operationId: 'discover',
        summary: 'Reads accounts and credentials of one system, or of all, into the inventory; progress as NDJSON',
        querystring: z.strictObject({ system: z.string().max(200).optional() }),
        response: {
          200: { description: 'One line per page read.', content: { [ndjsonType]: { schema: discoverSchema } } },
          ...problemReplies,
        },
      },
    },
    async (request, reply) => replyNdjson(reply, discoverSchema, services.discover(caller(request), request.query.system)),
  );

  api.post(
    '/v1/imports/:kind',
    {
      config: { needs: 'estate.import' },
      schema: {
        operationId: 'importCsv',
        summary: 'Imports owners, consumers, exposed credentials or people from a CSV stream',
        consumes: ['text/csv'],
        params: kindParams,
        querystring: importQuery,
        body: z.any().meta({ type: 'string', description: 'CSV with a header row.' }),
        response: { 200: importSchema, ...problemReplies },
      },
    },
    async (request) => {
      const csv = request.body as AsyncIterable<Uint8Array> | undefined; // the text/csv parser hands the request stream through
      if (csv === undefined || csv === null || typeof csv !== 'object' || !(Symbol.asyncIterator in csv)) {
        throw new Problem('usage', { place: 'body', message: 'the body must be a CSV', hint: 'send it with content-type text/csv' });
      }
      const report = await services.import(caller(request), request.params.kind, uploaded(csv), {
        partial: request.query.partial === 'true',
        file: request.query.file,
      });
      return plain(report);
    },
  );
}

function sortOf(text: (typeof sorts)[number] | undefined): AccountSort | undefined {
  if (text === undefined) return undefined;
  const descending = text.startsWith('-');
  return { by: (descending ? text.slice(1) : text) as AccountSort['by'], descending }; // the enum allows a `-` and a name, nothing else
}

/** A client that goes away in the middle ends the import with an error: half a file must never read as a whole one. */
async function* uploaded(csv: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* csv;
  } catch {
    throw new Problem('invalid-import', {
      message: 'the upload ended before the file did; nothing was imported',
      hint: 'send the file again',
    });
  }
}
