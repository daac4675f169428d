// Lets a member back in who lost the passkey: an address with a one-time code, shown once. Their sessions end before it is made.
import { Button, Group, Stack, Switch, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, got, type Schemas } from '../api/client.ts';
import { CliTwin } from '../words/cli-twin.tsx';
import { Dialog } from '../words/dialog.tsx';
import { Since } from '../words/since.tsx';
import { Trouble } from '../words/trouble.tsx';
import { withFreshPasskey } from './fresh.ts';
import { Once } from './once.tsx';

export function InviteBack({ member, close }: { readonly member: Schemas['Member']; readonly close: () => void }) {
  const [keepPasskeys, setKeepPasskeys] = useState(false);
  const queries = useQueryClient();
  const params = { path: { id: member.id } };
  const inviting = useMutation({
    mutationFn: () => withFreshPasskey(() => got(api.POST('/v1/members/{id}/invitation', { params, body: { keepPasskeys } }))),
    onSuccess: () => Promise.all([['members'], ['invitations'], ['audit']].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  return (
    <Dialog close={close} title={`Let ${member.name} back in`}>
      {inviting.isSuccess ? (
        <Once title="The way back in, shown once" value={inviting.data.url} done={close}>
          Make sure that it is {member.name}, and hand it over in person or over a channel the attacker cannot read. It is good once, and
          ends <Since at={inviting.data.expiresAt} exact />.
        </Once>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            inviting.mutate();
          }}
        >
          <Stack gap="sm">
            <Text size="sm">
              {member.name} is signed out everywhere at once. Whoever has the address makes a new passkey and goes on as {member.name}, with
              the same roles; that it was you who made it is on record.
            </Text>
            <Switch
              label="Keep the passkeys they have"
              description="Only where no device was lost: a passkey that is kept goes on opening"
              checked={keepPasskeys}
              onChange={(event) => setKeepPasskeys(event.currentTarget.checked)}
            />
            <CliTwin words={['rekey', 'member', 'invite-back', member.id, ...(keepPasskeys ? ['--keep-passkeys'] : [])]} />
            {inviting.isError ? <Trouble error={inviting.error} /> : null}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" loading={inviting.isPending}>
                Make the way back in
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}
