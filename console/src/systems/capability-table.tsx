// Every capability of the connector with yes, or the reason why not, and the rights it needs at the target.
import { Table } from '@mantine/core';
import type { Schemas } from '../api/client.ts';
import { colourOf } from '../words/tone.ts';

type Capability = Schemas['SystemDetail']['capabilities'][number];

const names: Readonly<Record<string, string>> = {
  check: 'Checks itself',
  inventory: 'Lists accounts',
  passwordPolicy: 'Reads the password policy',
  secretForm: 'Makes secrets of its own form',
  setSecret: 'Sets a secret',
  overlap: 'Keeps the old secret beside the new',
  dualSecret: 'Has the target make the secret',
  state: 'Reads when a secret was set',
  lockout: 'Reads the lockout count',
  sessions: 'Ends sessions',
  contain: 'Blocks an account',
  storeConsumer: 'Holds secrets for workloads',
  probe: 'Proves by logging in',
};

export function CapabilityTable({ capabilities }: { readonly capabilities: readonly Capability[] }) {
  return (
    <Table.ScrollContainer type="native" minWidth={520} tabIndex={0} role="group" aria-label="Capabilities of the connector">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Capability</Table.Th>
            <Table.Th>Here</Table.Th>
            <Table.Th>Rights it needs there</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {capabilities.map(({ capability, can, why, rights }) => (
            <Table.Tr key={capability}>
              <Table.Td>{names[capability] ?? capability}</Table.Td>
              <Table.Td c={colourOf(can ? 'good' : 'calm')}>{can ? '✓ yes' : `✗ no: ${why ?? ''}`}</Table.Td>
              <Table.Td>{rights.join('; ')}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
