// What the screens of a run ask: the run, its systems, its items by page, one item and its log. Live events make them old.
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, got, type Schemas } from '../api/client.ts';
import { useLive } from '../live/use-live.ts';
import { filterNames, type RunAddress } from './address.ts';

export type Run = Schemas['Run'];
export type Item = Schemas['Item'];
export type RunSystem = Schemas['RunSystem'];

type ItemPage = { readonly items: readonly Item[]; readonly cursor?: string };

const pageSize = 200;
const whileLost = 10_000;

/** Without a live line, what still moves is asked again. */
function usePace(moving: boolean): number | false {
  const { kind } = useLive();
  return moving && kind !== 'live' ? whileLost : false;
}

export function useRun(id: string) {
  const pace = usePace(true);
  return useQuery({
    queryKey: ['run', id],
    queryFn: ({ signal }) => got(api.GET('/v1/runs/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data?.endedAt == null ? pace : false),
  });
}

export function useRunSystems(id: string, moving: boolean) {
  return useQuery({
    queryKey: ['run', id, 'systems'],
    queryFn: ({ signal }) => got(api.GET('/v1/runs/{id}/systems', { params: { path: { id } }, signal })),
    refetchInterval: usePace(moving),
  });
}

export function useItems(id: string, address: RunAddress, moving: boolean) {
  const filter = Object.fromEntries(filterNames.flatMap((name) => (address[name] === undefined ? [] : [[name, address[name]]])));
  return useInfiniteQuery({
    queryKey: ['run', id, 'items', filter],
    queryFn: ({ pageParam, signal }) =>
      got(
        api.GET('/v1/runs/{id}/items', {
          params: { path: { id }, query: { limit: pageSize, ...filter, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          headers: { accept: 'application/json' },
          signal,
        }),
      ) as Promise<ItemPage>, // the other form of the reply, NDJSON, is sent only to who accepts it
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: keepPreviousData,
    refetchInterval: usePace(moving),
  });
}

const at = (id: string, item: string) => {
  const cut = item.indexOf('/');
  return { path: { id, system: item.slice(0, cut), account: item.slice(cut + 1) } };
};

export function useItem(id: string, item: string) {
  return useQuery({
    queryKey: ['run', id, 'item', item],
    queryFn: ({ signal }) => got(api.GET('/v1/runs/{id}/items/{system}/{account}', { params: at(id, item), signal })),
  });
}

export function useItemLog(id: string, item: string, wanted: boolean) {
  return useQuery({
    queryKey: ['run', id, 'item', item, 'log'],
    enabled: wanted,
    queryFn: ({ signal }) => got(api.GET('/v1/runs/{id}/items/{system}/{account}/log', { params: at(id, item), signal })),
  });
}

export function usePeople(id: string, moving: boolean) {
  return useInfiniteQuery({
    queryKey: ['run', id, 'people'],
    queryFn: ({ pageParam, signal }) =>
      got(
        api.GET('/v1/runs/{id}/people', {
          params: { path: { id }, query: { limit: 100, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor,
    refetchInterval: usePace(moving),
  });
}
