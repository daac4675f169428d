// How many plans and hand-overs still wait for signatures; nothing where none does.
import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, got } from '../api/client.ts';
import { useMay } from '../sign-in/session.ts';

/** More than these are not counted, and said to be more. */
const most = 50;
/** No event tells of a hand-over that is asked for. */
const pace = 30_000;

export function ApprovalsBadge() {
  const may = useMay('plan.read') !== undefined;
  const { data: waiting = '' } = useQuery({
    // Not under a state's name: there the screen keeps its pages, which are no number.
    queryKey: ['approvals', 'badge'],
    enabled: may,
    refetchInterval: pace,
    queryFn: async ({ signal }) => {
      const { items, cursor } = await got(api.GET('/v1/approvals', { params: { query: { state: 'waiting', limit: most } }, signal }));
      return items.length === 0 ? '' : `${items.length}${cursor === undefined ? '' : '+'}`;
    },
  });
  if (waiting === '') return null;
  return (
    <Badge size="sm" circle={waiting.length < 3} aria-label={`${waiting} waiting`}>
      {waiting}
    </Badge>
  );
}
