// What old access lives on after the reset, and the clock that ends it.
import { useInfiniteQuery } from '@tanstack/react-query';
import { api, got, type Schemas } from '../api/client.ts';
import { More } from '../table/more.tsx';
import { type Column, Rows } from '../table/rows.tsx';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { Waiting } from '../words/waiting.tsx';

type Item = Schemas['Item'];

const pageSize = 50;

const columns: readonly Column<Item>[] = [
  { name: 'Account', heads: true, cell: ({ system, account }) => `${system}/${account}` },
  { name: 'What lives on', cell: ({ residual }) => residual?.why ?? 'not told' },
  { name: 'Ends', cell: ({ residual }) => (residual === null ? 'not known' : <Since at={residual.until} exact ahead="in" />) },
  { name: 'Owner', cell: ({ owner }) => owner ?? 'nobody' },
];

export function Residuals({ run }: { readonly run: string }) {
  const items = useInfiniteQuery({
    queryKey: ['run', run, 'items', 'residual'],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      got(
        api.GET('/v1/runs/{id}/items', {
          params: { path: { id: run }, query: { state: 'residual', limit: pageSize, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          headers: { accept: 'application/json' },
          signal,
        }),
      ) as Promise<{ items: Item[]; cursor?: string }>, // the other answer of this route is NDJSON, for who asks for it
    getNextPageParam: ({ cursor }) => cursor,
  });
  if (items.isPending) return <Waiting lines={2} />;
  if (items.isError) return <Empty what="Residual access" why="cannot-load" error={items.error} again={() => void items.refetch()} />;
  const rows = items.data.pages.flatMap((page) => page.items);
  if (rows.length === 0)
    return (
      <Empty what="Residual access" why="none" twin={['rekey', 'run', 'items', run, '--state', 'residual']}>
        Sessions, tickets and tokens that a reset does not end would stand here, each with the time at which it dies.
      </Empty>
    );
  return (
    <>
      <Rows caption="Old access that lives on" columns={columns} rows={rows} keyOf={({ system, id }) => `${system}/${id}`} />
      <More pages={items} what="residual access" />
    </>
  );
}
