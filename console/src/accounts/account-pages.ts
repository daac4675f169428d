// Accounts as the server sorts and filters them, a keyset page at a time, and how many there are in all.
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, got } from '../api/client.ts';
import type { Account } from './columns.tsx';
import type { Sort } from './sort.ts';

/** Two screens of rows on a tall monitor, twice: one request per second of fast scrolling. */
const pageSize = 200;
const none: readonly Account[] = [];

export function useAccounts(where: string, sort: Sort) {
  const query = useInfiniteQuery({
    queryKey: ['accounts', 'pages', where, sort],
    // What was there stays until the answer comes, so that the focus has somewhere to be.
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      got(
        api.GET('/v1/accounts', {
          params: {
            query: { where, limit: pageSize, ...(sort === 'account' ? {} : { sort }), ...(pageParam === '' ? {} : { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.cursor,
  });
  const pages = query.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.items) ?? none, [pages]);
  return { ...query, rows };
}

export function useCount(where: string, enabled = true) {
  return useQuery({
    queryKey: ['accounts', 'count', where],
    enabled,
    queryFn: async ({ signal }) => (await got(api.GET('/v1/accounts/count', { params: { query: { where } }, signal }))).count,
  });
}
