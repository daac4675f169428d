// One's own passkeys: two on two devices, so that losing one shuts nobody out.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, got, type Schemas } from '../api/client.ts';
import { createPasskey } from '../sign-in/passkey.ts';
import { type Column, Rows } from '../table/rows.tsx';
import { Confirm } from '../words/confirm.tsx';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { Trouble } from '../words/trouble.tsx';
import { Waiting } from '../words/waiting.tsx';
import { withFreshPasskey } from './fresh.ts';

type Passkey = Schemas['Passkey'];

async function addPasskey(name: string): Promise<void> {
  const options = await withFreshPasskey(() => got(api.POST('/v1/passkeys/options')));
  const { response, id, rawId, type } = await createPasskey(options as Parameters<typeof createPasskey>[0]); // the same JSON; its enums are strings on the wire
  const { clientDataJSON, attestationObject, transports } = response;
  const body = {
    name,
    id,
    rawId,
    type,
    clientExtensionResults: {},
    response: { clientDataJSON, attestationObject, ...(transports === undefined ? {} : { transports }) },
  };
  await got(api.POST('/v1/passkeys', { body }));
}

export function Passkeys() {
  const [name, setName] = useState('');
  const [removing, setRemoving] = useState<Passkey>();
  const queries = useQueryClient();
  const told = () => queries.invalidateQueries({ queryKey: ['passkeys'] });
  const passkeys = useQuery({ queryKey: ['passkeys'], queryFn: ({ signal }) => got(api.GET('/v1/passkeys', { signal })) });
  const adding = useMutation({
    mutationFn: () => addPasskey(name.trim()),
    onSuccess: () => {
      setName('');
      return told();
    },
  });
  const rows = passkeys.data?.items ?? [];
  const columns: readonly Column<Passkey>[] = [
    { name: 'Passkey', heads: true, cell: (passkey) => passkey.name },
    { name: 'Kept', cell: ({ backedUp }) => (backedUp ? 'synced over your devices' : 'on one device') },
    { name: 'Made', cell: ({ createdAt }) => <Since at={createdAt} /> },
    { name: 'Last used', cell: ({ usedAt }) => (usedAt === null ? 'never' : <Since at={usedAt} />) },
    {
      name: 'Remove',
      cell: (passkey) => (
        <Button
          variant="default"
          size="compact-sm"
          disabled={rows.length < 2}
          onClick={() => setRemoving(passkey)}
          aria-label={`Remove ${passkey.name}`}
        >
          Remove
        </Button>
      ),
    },
  ];
  return (
    <Stack gap="md">
      {passkeys.isPending ? (
        <Waiting lines={2} />
      ) : passkeys.isError ? (
        <Empty what="Your passkeys" why="cannot-load" error={passkeys.error} again={() => void passkeys.refetch()} />
      ) : rows.length === 0 ? (
        <Empty what="Your passkeys" why="none">
          You signed in another way. With a passkey you can approve in the browser.
        </Empty>
      ) : (
        <Rows caption="Your passkeys" columns={columns} rows={rows} keyOf={({ id }) => id} />
      )}
      {rows.length === 1 ? (
        <Text size="sm">Add a second one on another device: the only one cannot be removed, and may be lost.</Text>
      ) : null}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          adding.mutate();
        }}
      >
        <Group align="flex-end" gap="sm">
          <TextInput
            label="Add a passkey"
            description="A name to know it by, like phone or blue key"
            required
            maxLength={100}
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" loading={adding.isPending}>
            Add
          </Button>
        </Group>
      </form>
      {adding.isError ? <Trouble error={adding.error} /> : null}
      <Confirm
        opened={removing !== undefined}
        close={() => setRemoving(undefined)}
        title={`Remove ${removing?.name ?? ''}`}
        verb="Remove the passkey"
        danger
        act={() =>
          withFreshPasskey(() => got(api.POST('/v1/passkeys/{id}/remove', { params: { path: { id: removing?.id ?? '' } } }))).then(told)
        }
      >
        It signs in here no more. What was approved with it stays approved, and can still be checked.
      </Confirm>
    </Stack>
  );
}
