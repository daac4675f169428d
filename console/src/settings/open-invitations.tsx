// Invitations that still let somebody in: for whom, by whom, until when, and the way to take one back. Their codes are nowhere.
import { Button, Stack, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, got, type Schemas } from '../api/client.ts';
import { useMay } from '../sign-in/session.ts';
import { type Column, Rows } from '../table/rows.tsx';
import { Since } from '../words/since.tsx';
import { Trouble } from '../words/trouble.tsx';
import { withFreshPasskey } from './fresh.ts';

type Open = Schemas['OpenInvitation'];

export function OpenInvitations() {
  const may = useMay('member.manage') !== undefined;
  const queries = useQueryClient();
  const invitations = useQuery({ queryKey: ['invitations'], queryFn: ({ signal }) => got(api.GET('/v1/invitations', { signal })) });
  const revoking = useMutation({
    mutationFn: (id: string) => withFreshPasskey(() => got(api.POST('/v1/invitations/{id}/revoke', { params: { path: { id } } }))),
    onSuccess: () => Promise.all([['invitations'], ['audit']].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  const columns: readonly Column<Open>[] = [
    { name: 'For', heads: true, cell: ({ name, email }) => (email === null || email === name ? name : `${name} (${email})`) },
    { name: 'Lets in', cell: ({ member, roles }) => (member === null ? roles.join(', ') || 'without a role' : 'a member, back in') },
    { name: 'Made by', cell: ({ createdBy }) => createdBy },
    { name: 'Ends', cell: ({ expiresAt }) => <Since at={expiresAt} /> },
    ...(may
      ? [
          {
            name: 'Take back',
            cell: ({ id, name }: Open) => (
              <Button
                variant="default"
                size="compact-sm"
                onClick={() => revoking.mutate(id)}
                aria-label={`Take back the invitation of ${name}`}
              >
                Take back
              </Button>
            ),
          },
        ]
      : []),
  ];
  if (invitations.isError) return <Trouble error={invitations.error} again={() => void invitations.refetch()} />;
  if (invitations.data === undefined || invitations.data.items.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h5">
        Open invitations
      </Title>
      <Rows caption="Open invitations" columns={columns} rows={invitations.data.items} keyOf={({ id }) => id} />
      {revoking.isError ? <Trouble error={revoking.error} /> : null}
    </Stack>
  );
}
