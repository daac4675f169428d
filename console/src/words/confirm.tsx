// Asks before an act, as much as the act can harm: what it does, why (a reason where it goes on record), and for the worst the run's name and number.
import { Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';
import { CliTwin } from './cli-twin.tsx';
import { Dialog } from './dialog.tsx';
import { Trouble } from './trouble.tsx';

export type ConfirmProps = {
  readonly opened: boolean;
  readonly close: () => void;
  readonly title: string;
  /** What happens, in one or two sentences: what changes, what stays, what can be undone. */
  readonly children: ReactNode;
  /** The label of the button: the verb, never "OK". */
  readonly verb: string;
  readonly danger?: boolean;
  /** Asked for, and handed to `act`; `optional` where the API takes none. */
  readonly reason?: 'mandatory' | 'none';
  /** T3: these words must be typed, `eviction 18204`. */
  readonly phrase?: string;
  readonly act: (said: { readonly reason: string; readonly phrase: string }) => Promise<unknown>;
  readonly twin?: (reason: string) => readonly string[];
};

export function Confirm({ opened, ...props }: ConfirmProps) {
  return opened ? <Asking {...props} /> : null;
}

function Asking({ close, title, children, verb, danger = false, reason = 'none', phrase, act, twin }: Omit<ConfirmProps, 'opened'>) {
  const [why, setWhy] = useState('');
  const [typed, setTyped] = useState('');
  const form = useId();
  const doing = useMutation({ mutationFn: () => act({ reason: why.trim(), phrase: typed.trim() }) });
  const ready = (reason === 'none' || why.trim() !== '') && (phrase === undefined || typed.trim() === phrase);
  return (
    <Dialog close={close} title={title}>
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !doing.isPending) doing.mutate(undefined, { onSuccess: close });
        }}
      >
        <Stack gap="sm">
          <Text size="sm" component="div">
            {children}
          </Text>
          {reason === 'mandatory' ? (
            <Textarea
              label="Reason"
              description="Goes on record with your name. Everybody who sees the run sees it."
              required
              autosize
              minRows={2}
              maxLength={2000}
              value={why}
              onChange={(event) => setWhy(event.currentTarget.value)}
              data-autofocus
            />
          ) : null}
          {phrase === undefined ? null : (
            <TextInput
              label={`Type ${phrase}`}
              description="Name and number of what this touches."
              required
              autoComplete="off"
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          )}
          {doing.isError ? <Trouble error={doing.error} /> : null}
          {twin === undefined ? null : <CliTwin words={twin(why.trim() || 'REASON')} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" disabled={!ready} loading={doing.isPending} {...(danger ? { color: 'red.8' } : {})}>
              {verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
