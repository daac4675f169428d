// The runs the account was in, and how each of them ended for it.
import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, got, type Schemas } from '../api/client.ts';
import { type Column, Rows } from '../table/rows.tsx';
import { Since } from '../words/since.tsx';
import { StateWord } from '../words/state-word.tsx';
import { Trouble } from '../words/trouble.tsx';
import { Waiting } from '../words/waiting.tsx';

type Past = Schemas['AccountRun'];

const columns: readonly Column<Past>[] = [
  {
    name: 'Run',
    heads: true,
    cell: ({ run }) => (
      <Link to="/runs/$run" params={{ run }}>
        {run}
      </Link>
    ),
  },
  {
    name: 'State',
    cell: ({ state, error }) => (
      <>
        <StateWord kind="item" state={state} />
        {error === null ? null : <Text size="xs">{error}</Text>}
      </>
    ),
  },
  { name: 'Version', cell: ({ version }) => (version === null ? 'none' : `v${version}`) },
  { name: 'Last step', cell: ({ at }) => <Since at={at} /> },
];

export function AccountRuns({ system, account }: { readonly system: string; readonly account: string }) {
  const runs = useQuery({
    queryKey: ['accounts', 'runs', system, account],
    queryFn: ({ signal }) => got(api.GET('/v1/accounts/{system}/{account}/runs', { params: { path: { system, account } }, signal })),
  });
  if (runs.isError) return <Trouble error={runs.error} again={() => void runs.refetch()} />;
  if (runs.isPending) return <Waiting lines={2} />;
  if (runs.data.items.length === 0) return <Text size="sm">In no run yet.</Text>;
  return <Rows caption="Runs of the account" columns={columns} rows={runs.data.items} keyOf={({ run }) => run} />;
}
