// Many accounts at once: how many a selector names, all of them as a file, and the runs one of them was in.
import { Readable } from 'node:stream';
import { z } from 'zod';
import { accountCsvHead, accountCsvLine } from '../domain/account-csv.ts';
import type { AccountView } from '../domain/view.ts';
import { accountRunSchema } from './account-schema.ts';
import type { Api, Door } from './door.ts';
import { plain, streamSchema } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { accountParams } from './query.ts';

const whereQuery = z.strictObject({ where: z.string().min(1).max(10_000).describe('Selector; `all` must be said, it is never implied.') });

export function accountListRoutes(api: Api, { services, caller }: Door): void {
  api.get(
    '/v1/accounts/count',
    {
      config: { needs: 'estate.read' },
      schema: {
        operationId: 'countAccounts',
        summary: 'How many accounts a selector names',
        querystring: whereQuery,
        response: { 200: z.object({ count: z.number().int() }).meta({ id: 'Count' }), ...problemReplies },
      },
    },
    async (request) => ({ count: await services.accountCount(caller(request), request.query.where) }),
  );

  api.get(
    '/v1/accounts.csv',
    {
      config: { needs: 'estate.read' },
      schema: {
        operationId: 'exportAccounts',
        summary: 'The accounts a selector names, as CSV',
        querystring: whereQuery,
        response: { 200: { description: 'The file.', content: { 'text/csv': { schema: streamSchema } } }, ...problemReplies },
      },
    },
    async (request, reply) => {
      const source = services.allAccounts(caller(request), request.query.where)[Symbol.asyncIterator]();
      const first = await source.next(); // a selector that cannot be read is a refusal, not a broken download
      return reply
        .headers({
          'content-type': 'text/csv; charset=utf-8',
          'content-disposition': 'attachment; filename="accounts.csv"',
          'x-content-type-options': 'nosniff',
        })
        .send(Readable.from(rows(source, first), { objectMode: false }));
    },
  );

  api.get(
    '/v1/accounts/:system/:account/runs',
    {
      config: { needs: 'run.read' },
      schema: {
        operationId: 'listAccountRuns',
        summary: 'The runs an account was in, newest first, at most 100',
        params: accountParams,
        response: { 200: z.object({ items: z.array(accountRunSchema) }), ...problemReplies },
      },
    },
    async (request) => plain({ items: await services.accountRuns(caller(request), request.params.system, request.params.account) }),
  );
}

async function* rows(source: AsyncIterator<AccountView>, first: IteratorResult<AccountView>): AsyncGenerator<string> {
  let finished = false;
  try {
    yield accountCsvHead;
    for (let step = first; !step.done; step = await source.next()) yield accountCsvLine(step.value);
    finished = true;
  } finally {
    if (!finished) await source.return?.();
  }
}
