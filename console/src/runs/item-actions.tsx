// What may be done about one item: accept it open with an owner and a date, or sign that a task by hand is done.
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { queries } from '../api/queries.ts';
import { useMay } from '../sign-in/session.ts';
import { Confirm } from '../words/confirm.tsx';
import type { Item, Run } from './run-queries.ts';
import { exceptItem, signOffItem } from './steer.ts';

/** An exception without an end is a gap with a name; a month is the longest that is proposed. */
const proposedDays = 14;
const settled: readonly Item['state'][] = ['complete', 'excluded', 'signed', 'planned', 'sealed'];

export function ItemActions({ run, item }: { readonly run: Run; readonly item: Item }) {
  const [asking, ask] = useState<'except' | 'sign' | undefined>();
  const [owner, setOwner] = useState(item.owner ?? '');
  const [until, setUntil] = useState(new Date(Date.now() + proposedDays * 86_400_000).toISOString().slice(0, 10));
  const mayExcept = useMay('run.except') !== undefined && !settled.includes(item.state) && item.state !== 'by-hand';
  const maySign = useMay('run.sign-off') !== undefined && item.state === 'by-hand';
  const account = `${item.system}/${item.account}`;
  const done = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['run', run.id] });
    await queries.invalidateQueries({ queryKey: ['now'] });
  };
  if (!mayExcept && !maySign) return null;
  return (
    <Group gap="sm">
      {mayExcept ? (
        <Button variant="default" size="compact-sm" onClick={() => ask('except')}>
          Accept it open
        </Button>
      ) : null}
      {maySign ? (
        <Button variant="default" size="compact-sm" onClick={() => ask('sign')}>
          Sign that it is done
        </Button>
      ) : null}
      <Confirm
        opened={asking === 'except'}
        close={() => ask(undefined)}
        title={`Accept ${account} open`}
        verb="Accept it open"
        danger
        reason="mandatory"
        act={({ reason }) => exceptItem(run.id, { account, owner: owner.trim(), reason, expiresAt: `${until}T00:00:00Z` }).then(done)}
        twin={(reason) => ['rekey', 'run', 'except', run.id, account, '--owner', owner, '--reason', reason, '--until', until]}
      >
        <Stack gap="xs">
          The run no longer waits for what is not proved here. It stays in the evidence as an exception with this owner, until this day.
          <TextInput label="Owner of the risk" required value={owner} onChange={(event) => setOwner(event.currentTarget.value)} />
          <TextInput label="Until (UTC)" type="date" required value={until} onChange={(event) => setUntil(event.currentTarget.value)} />
        </Stack>
      </Confirm>
      <Confirm
        opened={asking === 'sign'}
        close={() => ask(undefined)}
        title={`Sign ${account}`}
        verb="Sign that it is done"
        reason="mandatory"
        act={({ reason }) => signOffItem(run.id, { account, by: owner.trim(), reason }).then(done)}
        twin={(reason) => ['rekey', 'run', 'sign-off', run.id, account, '--by', owner, '--reason', reason]}
      >
        <Stack gap="xs">
          It will read “signed, not proved”: your word, held against what the target shows.
          <TextInput label="Who did it" required value={owner} onChange={(event) => setOwner(event.currentTarget.value)} />
        </Stack>
      </Confirm>
    </Group>
  );
}
