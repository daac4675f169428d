// Every place the credential is used, and whether it was seen on the present one.
import { Table, Text } from '@mantine/core';
import { StateWord } from '../words/state-word.tsx';
import type { Account } from './columns.tsx';

export function AccountConsumers({ consumers }: { readonly consumers: Account['consumers'] }) {
  if (consumers.length === 0)
    return <Text size="sm">None declared. What uses it in silence would break: import consumers before a reset of a service.</Text>;
  return (
    <Table.ScrollContainer type="native" minWidth={420} tabIndex={0} role="group" aria-label="Consumers of the account">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Consumer</Table.Th>
            <Table.Th>Reads it from</Table.Th>
            <Table.Th>Owner</Table.Th>
            <Table.Th>State</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {consumers.map((each) => (
            <Table.Tr key={each.consumer}>
              <Table.Td>{each.consumer}</Table.Td>
              <Table.Td>
                {each.store}: {each.ref}
              </Table.Td>
              <Table.Td>{each.owner ?? 'nobody'}</Table.Td>
              <Table.Td>
                <StateWord kind="consumer" state={each.state} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
