// The people of a run: one verdict each, with every account it is made of.
import { z } from 'zod';
import { itemStates } from '../domain/item.ts';
import { personVerdicts } from '../domain/person.ts';
import type { PersonView } from '../domain/view.ts';
import type { Api, Door } from './door.ts';
import { plain } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { idParams, pageOf, pageQuery } from './query.ts';

const count = z.number().int();
const verdict = z.enum(personVerdicts);
const cells = z.object({ proved: count, inferred: count, residual: count, notProved: count, excepted: count });

const personSchema = z
  .object({
    person: z.string(),
    verdict,
    done: z.boolean(),
    cells,
    residualUntil: z.string().nullable(),
    sync: z.array(z.object({ group: z.string(), step: z.enum(['in-step', 'not-in-step', 'not-begun']), behind: z.array(z.string()) })),
    accounts: z.array(
      z.object({
        system: z.string(),
        account: z.string(),
        id: z.string(),
        state: z.enum(itemStates),
        verdict,
        wave: count,
        sync: z.string().nullable(),
        cells,
        residualUntil: z.string().nullable(),
        error: z.string().nullable(),
      }),
    ),
    leftOut: z.array(z.object({ system: z.string(), account: z.string(), why: z.string() })),
  })
  .meta({ id: 'Person' }) satisfies z.ZodType<PersonView>;

export function peopleRoutes(api: Api, { services, caller }: Door): void {
  api.get(
    '/v1/runs/:id/people',
    {
      config: { needs: 'run.read' },
      schema: {
        operationId: 'listPeople',
        summary: 'People of a run, by name: the worst of their accounts, and which accounts the run does not hold',
        params: idParams,
        querystring: pageQuery.extend({ person: z.string().min(1).max(2000).optional().describe('One person by name.') }),
        response: { 200: z.object({ items: z.array(personSchema), cursor: z.string().exactOptional() }), ...problemReplies },
      },
    },
    async (request) => {
      const { person } = request.query;
      const query = { ...pageOf(request.query), ...(person === undefined ? {} : { person }) };
      return plain(await services.people(caller(request), request.params.id, query));
    },
  );
}
