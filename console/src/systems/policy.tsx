// What the target demands of passwords beside what the estate file asks for, and where the two drift apart.
import { Alert, Text } from '@mantine/core';
import type { Schemas } from '../api/client.ts';
import { type Column, Rows } from '../table/rows.tsx';
import { Since } from '../words/since.tsx';
import { colourOf, type Tone } from '../words/tone.ts';

type PolicyView = Schemas['SystemDetail']['policy'];
type Rule = PolicyView['rows'][number];

const rules: Readonly<Record<Rule['rule'], string>> = {
  length: 'Length',
  classes: 'Kinds of characters',
  exclude: 'Without',
  history: 'History',
  'min-age': 'Least age',
};
const verdicts: Readonly<Record<Rule['verdict'], { readonly word: string; readonly tone: Tone }>> = {
  agrees: { word: '✓ agrees', tone: 'good' },
  stricter: { word: '✓ the estate asks for more', tone: 'good' },
  looser: { word: '! the target asks for more; its rule is followed', tone: 'warn' },
  'target-only': { word: '· the target’s rule is followed', tone: 'calm' },
  'estate-only': { word: '· the estate’s rule is followed', tone: 'calm' },
  conflict: { word: '✗ cannot both be met', tone: 'bad' },
};

const columns: readonly Column<Rule>[] = [
  { name: 'Rule', heads: true, cell: ({ rule }) => rules[rule] },
  { name: 'Target', cell: ({ target }) => target ?? 'silent' },
  { name: 'Estate file', cell: ({ estate }) => estate ?? 'silent' },
  {
    name: 'Between them',
    cell: ({ verdict }) => (
      <Text span inherit c={colourOf(verdicts[verdict].tone)}>
        {verdicts[verdict].word}
      </Text>
    ),
  },
];

export function Policy({ policy }: { readonly policy: PolicyView }) {
  return (
    <>
      <Text size="sm">
        {policy.readAt === null ? (
          'Not read from the target yet: a discovery reads it.'
        ) : (
          <>
            Read from the target <Since at={policy.readAt} exact />
            {policy.stated ? '.' : '; it states none.'}
          </>
        )}
      </Text>
      {policy.conflict === null ? null : (
        <Alert color="red" variant="outline" title="No password fits both">
          <Text size="sm">{policy.conflict}</Text>
        </Alert>
      )}
      {policy.rows.length === 0 ? null : <Rows caption="Password rules" columns={columns} rows={policy.rows} keyOf={({ rule }) => rule} />}
    </>
  );
}
