// One cache of what the server said; live events mark entries stale, so nothing polls and nothing is refetched on focus alone.
import { QueryClient } from '@tanstack/react-query';
import { Refusal } from './refusal.ts';

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 5 * 60_000,
      refetchOnWindowFocus: false,
      // A refusal is an answer; only a lost connection is worth asking again.
      retry: (count, error) => count < 2 && error instanceof Refusal && error.status === 0,
    },
    mutations: { retry: false },
  },
});
