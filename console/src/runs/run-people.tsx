// The people of a run: one verdict each, the worst of their accounts, with every account it is made of.
import { Button, Table, Text } from '@mantine/core';
import { Empty } from '../words/empty.tsx';
import { StateWord } from '../words/state-word.tsx';
import { Waiting } from '../words/waiting.tsx';
import { usePeople } from './run-queries.ts';

export function RunPeople({ run, moving }: { readonly run: string; readonly moving: boolean }) {
  const people = usePeople(run, moving);
  const rows = people.data?.pages.flatMap(({ items }) => items) ?? [];
  if (people.isPending) return <Waiting lines={6} height={32} />;
  if (people.isError) return <Empty what="People" why="cannot-load" error={people.error} again={() => void people.refetch()} />;
  if (rows.length === 0)
    return (
      <Empty what="People" why="none" twin={['rekey', 'import', 'people', 'people.csv']}>
        No account of this run says whose it is: the estate file’s rules or an import tell.
      </Empty>
    );
  return (
    <section aria-label="People">
      <Table verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Person</Table.Th>
            <Table.Th scope="col">Verdict</Table.Th>
            <Table.Th scope="col" visibleFrom="sm">
              Accounts
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((person) => (
            <Table.Tr key={person.person}>
              <Table.Th scope="row">{person.person}</Table.Th>
              <Table.Td>
                <StateWord kind="person" state={person.verdict} />
                {person.sync.map(({ group, step }) => (
                  <Text key={group} size="xs" c="dimmed">
                    {group}: {step.replaceAll('-', ' ')}
                  </Text>
                ))}
              </Table.Td>
              <Table.Td visibleFrom="sm">
                {person.accounts.map(({ system, account, state }) => (
                  <Text key={`${system}/${account}`} size="sm">
                    {system}/{account}: <StateWord kind="item" state={state} />
                  </Text>
                ))}
                {person.leftOut.map(({ system, account, why }) => (
                  <Text key={`${system}/${account}`} size="xs" c="dimmed">
                    {system}/{account} is not in this run: {why}
                  </Text>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {people.hasNextPage ? (
        <Button variant="default" onClick={() => void people.fetchNextPage()} loading={people.isFetchingNextPage}>
          More people
        </Button>
      ) : null}
    </section>
  );
}
