// Signs in to the system with Rekey's own credential, when asked to, and shows each check as it is known.
import { Button, List, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas } from '../api/client.ts';
import { lineStream } from '../api/line-stream.ts';
import { useMay } from '../sign-in/session.ts';
import { Since } from '../words/since.tsx';
import { colourOf } from '../words/tone.ts';
import { Trouble } from '../words/trouble.tsx';

type Check = Schemas['Check'];
const verdicts = {
  ok: { glyph: '✓', word: 'ok', tone: 'good' },
  warn: { glyph: '!', word: 'look', tone: 'warn' },
  fail: { glyph: '✗', word: 'fails', tone: 'bad' },
} as const;

export function Checks({ system }: { readonly system: string }) {
  const may = useMay('estate.check') !== undefined;
  const [checks, setChecks] = useState<readonly Check[]>([]);
  const checking = useMutation({
    mutationFn: async () => {
      setChecks([]);
      for await (const check of lineStream<Check>(api.GET('/v1/doctor', { params: { query: { system } }, parseAs: 'stream' })))
        setChecks((before) => [...before, check]);
      return new Date().toISOString();
    },
  });
  return (
    <>
      {checks.length === 0 && !checking.isPending ? (
        <Text size="sm">
          {may
            ? 'Not checked on this page yet. A check signs in there with Rekey’s own credential and reads; it changes nothing.'
            : 'None of your roles may check: a check signs in at the target. An operator does it.'}
        </Text>
      ) : null}
      <List size="sm" spacing={4} listStyleType="none" aria-live="polite" aria-busy={checking.isPending}>
        {checks.map((check) => {
          const { glyph, word, tone } = verdicts[check.verdict];
          return (
            <List.Item key={`${check.id} ${check.message}`}>
              <Text span inherit c={colourOf(tone)} fw={600}>
                <span aria-hidden="true">{glyph} </span>
                {check.id} {word}
              </Text>
              : {check.message}
              {check.next === null ? null : <Text size="sm">Next: {check.next}</Text>}
            </List.Item>
          );
        })}
      </List>
      {checking.isError ? <Trouble error={checking.error} /> : null}
      {checking.data === undefined ? null : (
        <Text size="sm" c="dimmed">
          Checked <Since at={checking.data} />
        </Text>
      )}
      {may ? (
        <div>
          <Button size="compact-md" variant="default" onClick={() => checking.mutate()} loading={checking.isPending}>
            Check {system} now
          </Button>
        </div>
      ) : null}
    </>
  );
}
