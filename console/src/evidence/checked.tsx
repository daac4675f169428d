// What a check found, and what it cannot find: said in full, so that a green line is not read as more than it is.
import { Alert, List, Stack, Text } from '@mantine/core';
import { Facts } from '../table/facts.tsx';
import { Rows } from '../table/rows.tsx';
import { number } from '../words/times.ts';
import type { Verified } from './check.ts';

export function Checked({ of: verified }: { readonly of: Verified }) {
  return verified.ok ? <Holds of={verified} /> : <Fails of={verified} />;
}

function Holds({
  of: { run, estate, demo, entries, items, approvals, approvedWith, checkpoint, key, pinned },
}: {
  readonly of: Extract<Verified, { ok: true }>;
}) {
  return (
    <Alert color="teal" variant="outline" title={`✓ This bundle of ${run} holds`} role="status" data-verified="true">
      <Stack gap="xs">
        {pinned ? null : (
          <Text size="sm" fw={600} c="var(--rk-warn)">
            ! It is signed by the key that it brings along. Compare that key with one you were given another way.
          </Text>
        )}
        <Facts
          of={[
            ['Estate', `${estate}${demo ? ' (demo: fictitious)' : ''}`],
            ['Items', number(items)],
            ['Log', `${number(entries)} entries, root ${checkpoint.root}`],
            ['Approved by', approvals.join(', ') || 'nobody: none was needed'],
            ...approvedWith.map((line, n) => [n === 0 ? 'With these keys' : `and ${n + 1}`, line] as const),
            ['Signed by', key],
            ['Key', pinned ? 'the one you gave' : 'from the bundle itself'],
          ]}
        />
        <Text size="sm" fw={600}>
          Checked here
        </Text>
        <List size="sm">
          <List.Item>every byte of every file, against one signature</List.Item>
          <List.Item>the log’s entries, against its signed checkpoint</List.Item>
          <List.Item>the plan, against the hash that was approved, and each approval’s signature</List.Item>
          <List.Item>every item’s state and cells, replayed from the log, and that the sums close</List.Item>
        </List>
        <Text size="sm" fw={600}>
          Not checked here
        </Text>
        <List size="sm">
          {pinned ? null : <List.Item>whose key it is</List.Item>}
          <List.Item>that the approvers’ keys are those of the people named: compare them with the estate file</List.Item>
          <List.Item>the targets themselves: a bundle says what they answered at that time</List.Item>
          <List.Item>
            this page: it comes from the server. Who must not trust the server runs rekey evidence verify on a machine of their own
          </List.Item>
        </List>
      </Stack>
    </Alert>
  );
}

function Fails({ of: { findings } }: { readonly of: Extract<Verified, { ok: false }> }) {
  return (
    <Alert color="red" variant="outline" title="✗ This bundle does not hold" role="alert" data-verified="false">
      <Text size="sm" mb="xs">
        It was altered, or is not whole. Keep it as it is, and compare it with another copy.
      </Text>
      <Rows
        caption="What does not hold"
        rows={findings}
        keyOf={({ file, reason }) => `${file} ${reason}`}
        columns={[
          { name: 'File', heads: true, cell: ({ file }) => file },
          { name: 'Entry', cell: ({ entry }) => (entry === undefined ? '' : number(entry)) },
          { name: 'Why', cell: ({ reason }) => reason },
        ]}
      />
    </Alert>
  );
}
