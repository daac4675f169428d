// Every tested access path of every account, by verdict: only `proved` means that the old secret, or what stands in for it, was seen refused.
import { Text } from '@mantine/core';
import type { Schemas } from '../api/client.ts';
import { type Column, Rows } from '../table/rows.tsx';
import { StateWord } from '../words/state-word.tsx';
import { number } from '../words/times.ts';

type Run = Schemas['Run'];
type Line = { readonly verdict: string; readonly count: number; readonly meaning: string };

const meanings: Readonly<Record<keyof Run['cells'], readonly [verdict: string, meaning: string]>> = {
  proved: [
    'proved',
    'the new secret is accepted, a made-up one refused, and the old one refused or dead by the target’s record and a canary',
  ],
  inferred: ['inferred', 'follows from another path, not tried here'],
  residual: ['residual', 'something old lives on until a known time'],
  excepted: ['excepted', 'a named owner accepts it until a date'],
  signed: ['signed', 'an owner says so; nothing was tried'],
  notProved: ['not-proved', 'tried without a proof, or not tried'],
};

const columns: readonly Column<Line>[] = [
  { name: 'Verdict', heads: true, cell: ({ verdict }) => (verdict === 'total' ? 'cells' : <StateWord kind="cell" state={verdict} />) },
  { name: 'Cells', numeric: true, cell: ({ count }) => number(count) },
  { name: 'What it means', cell: ({ meaning }) => meaning },
];

export function Cells({ run }: { readonly run: Run }) {
  const kinds = Object.keys(meanings) as (keyof Run['cells'])[]; // Object.keys loses the key type
  const lines = kinds.map((kind) => ({ verdict: meanings[kind][0], meaning: meanings[kind][1], count: run.cells[kind] }));
  const total = lines.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return <Text size="sm">No access path has been tested yet: nothing is proved.</Text>;
  return (
    <Rows
      caption="Tested access paths by verdict, and their sum"
      columns={columns}
      rows={lines.filter(({ count }) => count > 0)}
      keyOf={({ verdict }) => verdict}
      foot={{ verdict: 'total', count: total, meaning: 'one for each account, access path and replica' }}
    />
  );
}
