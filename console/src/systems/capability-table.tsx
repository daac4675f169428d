// Every capability of the connector with yes, or the reason why not, and the rights it needs at the target.
import { Text } from '@mantine/core';
import type { Schemas } from '../api/client.ts';
import { type Column, Rows } from '../table/rows.tsx';
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

const columns: readonly Column<Capability>[] = [
  { name: 'Capability', heads: true, cell: ({ capability }) => names[capability] ?? capability },
  {
    name: 'Here',
    cell: ({ can, why }) => (
      <Text span inherit c={colourOf(can ? 'good' : 'calm')}>
        {can ? '✓ yes' : `✗ no: ${why ?? ''}`}
      </Text>
    ),
  },
  { name: 'Rights it needs there', cell: ({ rights }) => rights.join('; ') || 'none named' },
];

export function CapabilityTable({ capabilities }: { readonly capabilities: readonly Capability[] }) {
  return <Rows caption="Capabilities of the connector" columns={columns} rows={capabilities} keyOf={({ capability }) => capability} />;
}
