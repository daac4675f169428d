// The run that is going on (running or paused), for the header: its clock, its name, and what Pause acts on.
import { useQuery } from '@tanstack/react-query';
import { api, got, type Schemas } from '../api/client.ts';
import { useMay } from '../sign-in/session.ts';

/** More than a handful of runs at once is no incident. */
const looksAt = 5;

export function useActiveRuns() {
  const may = useMay('run.read') !== undefined;
  return useQuery({
    queryKey: ['runs', 'active'],
    enabled: may,
    queryFn: async ({ signal }) => {
      const { items } = await got(api.GET('/v1/runs', { params: { query: { limit: looksAt } }, signal }));
      return items.filter((run) => run.state === 'running' || run.state === 'paused');
    },
  });
}

export type ActiveRun = Schemas['Run'];
