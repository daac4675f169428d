// What the target demands of passwords beside what the estate file asks for, and where the two drift apart.
import { Alert, Table, Text } from '@mantine/core';
import type { Schemas } from '../api/client.ts';
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
      {policy.rows.length === 0 ? null : (
        <Table.ScrollContainer type="native" minWidth={360} tabIndex={0} role="group" aria-label="Password rules">
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Rule</Table.Th>
                <Table.Th>Target</Table.Th>
                <Table.Th>Estate file</Table.Th>
                <Table.Th>Between them</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {policy.rows.map((row) => (
                <Table.Tr key={row.rule}>
                  <Table.Td>{rules[row.rule]}</Table.Td>
                  <Table.Td>{row.target ?? 'silent'}</Table.Td>
                  <Table.Td>{row.estate ?? 'silent'}</Table.Td>
                  <Table.Td c={colourOf(verdicts[row.verdict].tone)}>{verdicts[row.verdict].word}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </>
  );
}
