// Lets one person in: an address with a one-time code, shown once, to be handed over by whoever invites. Rekey mails no codes.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, got } from '../api/client.ts';
import { Dialog } from '../words/dialog.tsx';
import { Since } from '../words/since.tsx';
import { Trouble } from '../words/trouble.tsx';
import { withFreshPasskey } from './fresh.ts';
import { Once } from './once.tsx';
import { RoleBoxes } from './role-boxes.tsx';
import type { Role } from './roles.ts';

type Who = { readonly name: string; readonly email: string; readonly roles: readonly Role[] };
const nobody: Who = { name: '', email: '', roles: [] };

export function Invite({ opened, close }: { readonly opened: boolean; readonly close: () => void }) {
  const [who, setWho] = useState<Who>(nobody);
  const queries = useQueryClient();
  const inviting = useMutation({
    mutationFn: () =>
      withFreshPasskey(() => {
        const email = who.email.trim();
        const body = { name: who.name.trim(), roles: [...who.roles], ...(email === '' ? {} : { email }) };
        return got(api.POST('/v1/invitations', { body }));
      }),
    onSuccess: () => Promise.all([['invitations'], ['audit']].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  const leave = (): void => {
    close();
    setWho(nobody);
    inviting.reset();
  };
  return (
    <Dialog opened={opened} close={leave} title="Invite somebody">
      {inviting.isSuccess ? (
        <Once title="The invitation, shown once" value={inviting.data.url} done={leave}>
          Hand it to {who.name.trim()} in person or over a channel the attacker cannot read. It is good once, and ends{' '}
          <Since at={inviting.data.expiresAt} exact />.
        </Once>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            inviting.mutate();
          }}
        >
          <Stack gap="sm">
            <TextInput
              label="Name"
              description="Stands in the record of all they do: a short one, like alice"
              required
              maxLength={100}
              autoComplete="off"
              data-autofocus
              value={who.name}
              onChange={(event) => setWho({ ...who, name: event.currentTarget.value })}
            />
            <TextInput
              label="E-mail"
              description="As the inventory names owners and people; may be left empty"
              type="email"
              autoComplete="off"
              value={who.email}
              onChange={(event) => setWho({ ...who, email: event.currentTarget.value })}
            />
            <RoleBoxes value={who.roles} change={(roles) => setWho({ ...who, roles })} />
            <Text size="sm" c="dimmed">
              You may be asked for your passkey. The server’s own command line does the same for whoever holds the keyring.
            </Text>
            {inviting.isError ? <Trouble error={inviting.error} /> : null}
            <Group justify="flex-end">
              <Button variant="default" onClick={leave}>
                Cancel
              </Button>
              <Button type="submit" loading={inviting.isPending}>
                Make the invitation
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}
