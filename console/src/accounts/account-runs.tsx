// The runs the account was in, and how each of them ended for it.
import { Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, got } from '../api/client.ts';
import { Since } from '../words/since.tsx';
import { StateWord } from '../words/state-word.tsx';
import { Trouble } from '../words/trouble.tsx';
import { Waiting } from '../words/waiting.tsx';

export function AccountRuns({ system, account }: { readonly system: string; readonly account: string }) {
  const runs = useQuery({
    queryKey: ['accounts', 'runs', system, account],
    queryFn: ({ signal }) => got(api.GET('/v1/accounts/{system}/{account}/runs', { params: { path: { system, account } }, signal })),
  });
  if (runs.isError) return <Trouble error={runs.error} again={() => void runs.refetch()} />;
  if (runs.isPending) return <Waiting lines={2} />;
  if (runs.data.items.length === 0) return <Text size="sm">In no run yet.</Text>;
  return (
    <Table.ScrollContainer type="native" minWidth={420} tabIndex={0} role="group" aria-label="Runs of the account">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Run</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Version</Table.Th>
            <Table.Th>Last step</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.data.items.map((each) => (
            <Table.Tr key={each.run}>
              <Table.Td>
                <Link to="/runs/$run" params={{ run: each.run }}>
                  {each.run}
                </Link>
              </Table.Td>
              <Table.Td>
                <StateWord kind="item" state={each.state} />
                {each.error === null ? null : <Text size="xs">{each.error}</Text>}
              </Table.Td>
              <Table.Td>{each.version === null ? '' : `v${each.version}`}</Table.Td>
              <Table.Td>
                <Since at={each.at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
