// Where everything that was selected ended up, and that the sum closes.
import { Text } from '@mantine/core';
import type { Schemas } from '../api/client.ts';
import { type Column, Rows } from '../table/rows.tsx';
import { number } from '../words/times.ts';
import { coverage } from './outcomes.ts';

type Line = { readonly outcome: string; readonly meaning: string; readonly count: number };

const columns: readonly Column<Line>[] = [
  { name: 'Outcome', heads: true, cell: ({ outcome }) => outcome },
  { name: 'Credentials', numeric: true, cell: ({ count }) => number(count) },
  { name: 'What it means', cell: ({ meaning }) => meaning },
];

export function CoverageTable({ run }: { readonly run: Schemas['Run'] }) {
  const { selected, rows, closes } = coverage(run);
  const lines = rows.filter(({ count }) => count > 0);
  const total = { outcome: 'selected', count: selected, meaning: closes ? 'the sum of the lines above' : 'NOT the sum of the lines above' };
  return (
    <>
      <Rows caption="Outcomes and their sum" columns={columns} rows={lines} keyOf={({ outcome }) => outcome} foot={total} />
      {closes ? null : (
        <Text c="var(--rk-bad)" fw={700} role="alert">
          The sums do not close: this evidence proves nothing. Keep the store as it is and have it examined.
        </Text>
      )}
    </>
  );
}
