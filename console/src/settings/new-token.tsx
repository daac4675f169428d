// Makes a token: a name, the fewest permissions that do, an end. The secret is shown once and kept nowhere.
import { Button, Group, MultiSelect, NumberInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, got, type Schemas } from '../api/client.ts';
import { useSession } from '../sign-in/session.ts';
import { Dialog } from '../words/dialog.tsx';
import { Since } from '../words/since.tsx';
import { Trouble } from '../words/trouble.tsx';
import { withFreshPasskey } from './fresh.ts';
import { Once } from './once.tsx';

type Permission = Schemas['Token']['permissions'][number];
type Wanted = { readonly name: string; readonly permissions: readonly Permission[]; readonly days: number };
const usualDays = 30;
const mostDays = 366;
const nothing: Wanted = { name: '', permissions: [], days: usualDays };

export function NewToken({ opened, close }: { readonly opened: boolean; readonly close: () => void }) {
  const [wanted, setWanted] = useState<Wanted>(nothing);
  const { permissions = {} } = useSession().data ?? {};
  const queries = useQueryClient();
  const making = useMutation({
    mutationFn: () => {
      const body = { name: wanted.name.trim(), permissions: [...wanted.permissions], expiresInDays: wanted.days };
      return withFreshPasskey(() => got(api.POST('/v1/tokens', { body })));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['tokens'] }),
  });
  const leave = (): void => {
    close();
    setWanted(nothing);
    making.reset();
  };
  return (
    <Dialog opened={opened} close={leave} title="New token">
      {making.isSuccess ? (
        <Once title="The token, shown once" value={making.data.token} done={leave}>
          Put it where the program reads its secrets, as REKEY_TOKEN. It ends <Since at={making.data.expiresAt} exact />.
        </Once>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            making.mutate();
          }}
        >
          <Stack gap="sm">
            <TextInput
              label="Name"
              description="What uses it: nightly report, SOAR"
              required
              maxLength={100}
              autoComplete="off"
              data-autofocus
              value={wanted.name}
              onChange={(event) => setWanted({ ...wanted, name: event.currentTarget.value })}
            />
            <MultiSelect
              label="May"
              description="The fewest that do"
              required
              data={Object.keys(permissions)}
              value={[...wanted.permissions]}
              onChange={(chosen) => setWanted({ ...wanted, permissions: chosen as Permission[] })} // its options are the caller's own permissions
              comboboxProps={{ withinPortal: true }}
            />
            <NumberInput
              label="Ends after days"
              min={1}
              max={mostDays}
              allowDecimal={false}
              value={wanted.days}
              onChange={(days) => setWanted({ ...wanted, days: typeof days === 'number' ? days : usualDays })}
            />
            {making.isError ? <Trouble error={making.error} /> : null}
            <Group justify="flex-end">
              <Button variant="default" onClick={leave}>
                Cancel
              </Button>
              <Button type="submit" disabled={wanted.permissions.length === 0} loading={making.isPending}>
                Make the token
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}
