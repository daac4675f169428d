// One approval by its id. The list is the one place that tells the caller's own part in it, so it is looked for there.
import { useQuery } from '@tanstack/react-query';
import { api, got } from '../api/client.ts';
import { Refusal } from '../api/refusal.ts';
import type { Ask } from './ask.ts';

const pageSize = 100;
/** Approvals wait for hours, not months: one beyond these pages is looked at by its plan. */
const mostPages = 10;

export function useAsk(id: string) {
  return useQuery({
    queryKey: ['approvals', 'one', id],
    queryFn: async ({ signal }): Promise<Ask> => {
      let cursor: string | undefined;
      for (let page = 0; page < mostPages; page += 1) {
        const query = { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) };
        const answer = await got(api.GET('/v1/approvals', { params: { query }, signal }));
        const found = answer.items.find((ask) => ask.id === id);
        if (found !== undefined) return found;
        cursor = answer.cursor;
        if (cursor === undefined) break;
      }
      throw new Refusal({ status: 404, code: 'not-found', detail: `There is nothing to approve by the id ${id}.`, hint: 'rekey plan ls' });
    },
  });
}
