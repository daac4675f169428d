// How many plans still wait for signatures; nothing where none does.
import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, got } from '../api/client.ts';
import { useMay } from '../sign-in/session.ts';

export function ApprovalsBadge() {
  const may = useMay('plan.read') !== undefined;
  const { data: waiting = 0 } = useQuery({
    // Not under a state's name: there the screen keeps its pages, which are no number.
    queryKey: ['approvals', 'badge'],
    enabled: may,
    queryFn: async ({ signal }) => {
      const { items } = await got(api.GET('/v1/plans', { params: { query: { limit: 50 } }, signal }));
      const now = Date.now();
      return items.filter(({ approvals, expiresAt }) => approvals.given.length < approvals.needed && Date.parse(expiresAt) > now).length;
    },
  });
  if (waiting === 0) return null;
  return (
    <Badge size="sm" circle aria-label={`${waiting} waiting`}>
      {waiting}
    </Badge>
  );
}
