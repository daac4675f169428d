// Every place the credential is used, and whether it was seen on the present one.
import { Text } from '@mantine/core';
import { type Column, Rows } from '../table/rows.tsx';
import { StateWord } from '../words/state-word.tsx';
import type { Account } from './columns.tsx';

type Consumer = Account['consumers'][number];

const columns: readonly Column<Consumer>[] = [
  { name: 'Consumer', heads: true, cell: ({ consumer }) => consumer },
  { name: 'Reads it from', cell: ({ store, ref }) => `${store}: ${ref}` },
  { name: 'Owner', cell: ({ owner }) => owner ?? 'nobody' },
  { name: 'State', cell: ({ state }) => <StateWord kind="consumer" state={state} /> },
];

export function AccountConsumers({ consumers }: { readonly consumers: Account['consumers'] }) {
  if (consumers.length === 0)
    return <Text size="sm">None declared. What uses it in silence would break: import consumers before a reset of a service.</Text>;
  return <Rows caption="Consumers of the account" columns={columns} rows={consumers} keyOf={({ consumer }) => consumer} />;
}
