// The estate file as the server understands it, to read: systems, approvals, approvers. It is changed where it lives.
import { Stack, Text } from '@mantine/core';
import type { Schemas } from '../api/client.ts';
import { Facts } from '../table/facts.tsx';
import { Rows } from '../table/rows.tsx';
import { Section } from '../table/section.tsx';
import { CliTwin } from '../words/cli-twin.tsx';
import { Empty } from '../words/empty.tsx';
import { Waiting } from '../words/waiting.tsx';
import { useEstate } from './use-estate.ts';

export function EstateFile() {
  const estate = useEstate();
  if (estate.isPending) return <Waiting />;
  if (estate.isError) return <Empty what="The estate file" why="cannot-load" error={estate.error} again={() => void estate.refetch()} />;
  return <Shown estate={estate.data} />;
}

function Shown({ estate: { name, file, approvals, approvers, systems, sync } }: { readonly estate: Schemas['Estate'] }) {
  return (
    <Stack gap="lg">
      <Stack gap={4}>
        <Text size="sm">
          Nothing here is changed in the browser: the estate is <code>{file}</code> on the server, kept under version control like code.
          Change it there, check it, and start the server again.
        </Text>
        <CliTwin words={['rekey', 'config', 'validate', '--estate', folderOf(file)]} label="Check it:" />
        <CliTwin words={['rekey', 'config', 'view', '--estate', folderOf(file)]} label="All of it:" />
      </Stack>
      <Section title="Approvals">
        <Facts
          of={[
            ['Estate', name],
            ['Any plan', signatures(approvals.count)],
            ['Tier 0', signatures(approvals.tier0)],
            ['Hand-over', signatures(approvals.handover)],
            ['One’s own', approvals.self ? '! may be approved by whoever made it' : 'never approved by whoever made it'],
          ]}
        />
      </Section>
      <Section title="Approvers by SSH key">
        {approvers.length === 0 ? (
          <Empty what="Approvers in the file" why="none">
            Members with the role approver approve by passkey; keys in the file allow it by command.
          </Empty>
        ) : (
          <Rows
            caption="Approvers and their keys"
            rows={approvers}
            keyOf={({ name: approver, fingerprint }) => `${approver} ${fingerprint}`}
            columns={[
              { name: 'Name', heads: true, cell: (approver) => approver.name },
              { name: 'Key', cell: ({ fingerprint }) => <code>{fingerprint}</code> },
            ]}
          />
        )}
      </Section>
      <Section title="Systems">
        {systems.length === 0 ? (
          <Empty what="Systems" why="none" twin={['rekey', 'doctor']}>
            Add the first one to {file}.
          </Empty>
        ) : (
          <Rows
            caption="Systems of the estate"
            rows={systems}
            keyOf={({ id }) => id}
            columns={[
              { name: 'System', heads: true, cell: ({ id }) => id },
              { name: 'Connector', cell: ({ connector }) => connector },
              { name: 'Tier', numeric: true, cell: ({ tier }) => tier },
              { name: 'Owner', cell: ({ owner }) => owner ?? 'nobody' },
              { name: 'At once', numeric: true, cell: ({ concurrency }) => concurrency ?? 'as it bears' },
              { name: 'Per second', numeric: true, cell: ({ perSecond }) => perSecond ?? 'as it bears' },
              { name: 'Canary', cell: ({ canary }) => canary ?? 'none' },
              { name: 'Further paths', cell: ({ paths }) => paths.map(({ id, probe }) => `${id} (${probe})`).join(', ') || 'none' },
            ]}
          />
        )}
      </Section>
      {sync.length === 0 ? null : (
        <Section title="One value for one person">
          <Rows
            caption="Sync groups"
            rows={sync}
            keyOf={({ name: group }) => group}
            columns={[
              { name: 'Group', heads: true, cell: (group) => group.name },
              { name: 'Systems', cell: (group) => group.systems.join(', ') },
            ]}
          />
        </Section>
      )}
    </Stack>
  );
}

const signatures = (n: number): string => (n === 0 ? '! no approval is needed' : n === 1 ? 'one approval' : `${n} approvals`);
const folderOf = (file: string): string => file.replace(/\/[^/]*$/, '') || '/';
