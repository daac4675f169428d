// Reads accounts from the systems into the inventory, and shows each system's progress while it does. It changes nothing at any target.
import { Button, List, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas } from '../api/client.ts';
import { lineStream } from '../api/line-stream.ts';
import { queries } from '../api/queries.ts';
import { useMay } from '../sign-in/session.ts';
import { CliTwin } from '../words/cli-twin.tsx';
import { Dialog } from '../words/dialog.tsx';
import { count, number } from '../words/times.ts';
import { Trouble } from '../words/trouble.tsx';

type Step = Schemas['DiscoverStep'];

/** `system` left out: all of them. */
export function Discover({ system }: { readonly system?: string }) {
  const [opened, { open, close }] = useDisclosure();
  const [steps, setSteps] = useState<ReadonlyMap<string, Step>>(new Map());
  const may = useMay('estate.discover') !== undefined;
  const discovering = useMutation({
    mutationFn: async () => {
      setSteps(new Map());
      const query = system === undefined ? {} : { system };
      for await (const step of lineStream<Step>(api.POST('/v1/discover', { params: { query }, parseAs: 'stream' })))
        setSteps((before) => new Map(before).set(step.system, step));
      for (const queryKey of [['accounts'], ['systems'], ['system']]) await queries.invalidateQueries({ queryKey });
    },
  });
  if (!may) return null;
  const what = system ?? 'all systems';
  const found = [...steps.values()].reduce((n, step) => n + step.found, 0);
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={open}>
        Discover
      </Button>
      <Dialog opened={opened} close={close} title={`Discover ${what}`}>
        <Stack gap="sm">
          <Text size="sm">
            Reads accounts and their facts into the inventory. Nothing is changed at any system. It goes on where it stopped last.
          </Text>
          {discovering.isError ? <Trouble error={discovering.error} /> : null}
          <div role="status" aria-live="polite">
            {steps.size === 0 ? null : (
              <Text size="sm" fw={600}>
                {count(found, 'account')} found{discovering.isPending ? ' so far' : ''}.
              </Text>
            )}
          </div>
          <List size="sm" spacing={2}>
            {[...steps.values()].map((step) => (
              <List.Item key={step.system}>
                <b>{step.system}</b>:{' '}
                {step.problem === undefined
                  ? `${number(step.found)} found${step.gone > 0 ? `, ${number(step.gone)} gone` : ''}${step.done ? ', done' : ' …'}`
                  : step.problem}
              </List.Item>
            ))}
          </List>
          <CliTwin words={['rekey', 'discover', ...(system === undefined ? [] : ['--system', system])]} />
          <Button onClick={() => discovering.mutate()} loading={discovering.isPending}>
            Discover {what} now
          </Button>
        </Stack>
      </Dialog>
    </>
  );
}
