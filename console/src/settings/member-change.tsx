// Changes what one member holds, or shuts them out: both hold from their next request on, and stand in the audit.
import { Button, Group, Stack, Switch, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, got, type Schemas } from '../api/client.ts';
import { sessionKey } from '../sign-in/session.ts';
import { Dialog } from '../words/dialog.tsx';
import { Trouble } from '../words/trouble.tsx';
import { withFreshPasskey } from './fresh.ts';
import { RoleBoxes } from './role-boxes.tsx';

export type MemberChangeProps = {
  readonly member: Schemas['Member'];
  readonly close: () => void;
  /** They lost the passkey. */
  readonly lost: () => void;
};

export function MemberChange({ member, close, lost }: MemberChangeProps) {
  const [roles, setRoles] = useState(member.roles);
  const [disabled, setDisabled] = useState(member.disabled);
  const queries = useQueryClient();
  const changing = useMutation({
    mutationFn: () =>
      withFreshPasskey(() => got(api.POST('/v1/members/{id}', { params: { path: { id: member.id } }, body: { roles, disabled } }))),
    onSuccess: async () => {
      close();
      // One's own rights may be among them.
      await Promise.all([['members'], ['audit'], sessionKey].map((queryKey) => queries.invalidateQueries({ queryKey })));
    },
  });
  return (
    <Dialog close={close} title={`Change ${member.name}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          changing.mutate();
        }}
      >
        <Stack gap="sm">
          <RoleBoxes value={roles} change={setRoles} />
          <Switch
            label="Disabled"
            description="Signed out at once, everywhere; their tokens stop working"
            checked={disabled}
            onChange={(event) => setDisabled(event.currentTarget.checked)}
          />
          <Text size="sm" c="dimmed">
            Nobody may approve what they made themselves, whatever roles they hold.
          </Text>
          {changing.isError ? <Trouble error={changing.error} /> : null}
          <Group justify="flex-end">
            {member.disabled ? null : (
              <Button variant="subtle" mr="auto" px={0} onClick={lost}>
                Lost the passkey…
              </Button>
            )}
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={changing.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
