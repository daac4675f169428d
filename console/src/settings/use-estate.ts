// The estate file's summary: it changes when the server starts again, so it is read once.
import { useQuery } from '@tanstack/react-query';
import { api, got } from '../api/client.ts';

export function useEstate() {
  return useQuery({
    queryKey: ['estate'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => got(api.GET('/v1/estate', { signal })),
  });
}
