// The playbooks that a trigger may start, as the estate file has them: their reach, whether they are approved in advance, and their signing.
import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, got, type Schemas } from '../api/client.ts';
import { type Column, Rows } from '../table/rows.tsx';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { number } from '../words/times.ts';
import { Waiting } from '../words/waiting.tsx';
import { PlaybookSignature } from './playbook-signature.tsx';

type Playbook = Schemas['Playbook'];

const columns: readonly Column<Playbook>[] = [
  { name: 'Playbook', heads: true, cell: ({ id }) => id },
  { name: 'Selects', cell: ({ where }) => <code>{where}</code> },
  { name: 'Mode', cell: ({ mode }) => mode },
  {
    name: 'At most',
    cell: ({ cap }) => `${number(cap.credentials)} credentials in ${number(cap.systems)} systems, ${number(cap.tier0)} of tier 0`,
  },
  { name: 'Approved in advance', cell: ({ preApproved }) => <Standing of={preApproved} /> },
];

export function Playbooks() {
  const playbooks = useQuery({ queryKey: ['playbooks'], queryFn: ({ signal }) => got(api.GET('/v1/playbooks', { signal })) });
  if (playbooks.isPending) return <Waiting lines={2} />;
  if (playbooks.isError) return <Empty what="Playbooks" why="cannot-load" error={playbooks.error} again={() => void playbooks.refetch()} />;
  if (playbooks.data.items.length === 0)
    return (
      <Empty what="Playbooks" why="none">
        A playbook lets another tool start a reset within a reach that people agreed on before. It stands in the estate file.
      </Empty>
    );
  const { items } = playbooks.data;
  return (
    <Stack gap="lg">
      <Rows caption="Playbooks" columns={columns} rows={items} keyOf={({ id }) => id} />
      {items.map((each) =>
        each.preApproved === null ? null : <PlaybookSignature key={each.id} of={{ ...each, preApproved: each.preApproved }} />,
      )}
    </Stack>
  );
}

function Standing({ of }: { readonly of: Playbook['preApproved'] }) {
  if (of === null) return 'no: each run of it waits for approval';
  const given = `${of.given.length} of ${of.needed} given`;
  return (
    <>
      {of.inForce ? '✓ in force' : '! not in force'}, {given}, until <Since at={of.until} exact />
    </>
  );
}
