// One's own open sessions, each to be ended here; the one this page runs in is named.
import { Button, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, got, type Schemas } from '../api/client.ts';
import { signOut } from '../sign-in/sign-out.ts';
import { type Column, Rows } from '../table/rows.tsx';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { Trouble } from '../words/trouble.tsx';
import { Waiting } from '../words/waiting.tsx';
import { browserOf } from './browser-of.ts';

type Login = Schemas['Login'];

export function Sessions() {
  const queries = useQueryClient();
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: ({ signal }) => got(api.GET('/v1/sessions', { signal })) });
  const ending = useMutation({
    mutationFn: async ({ id, current }: Login) => {
      if (current) await signOut();
      else await got(api.POST('/v1/sessions/{id}/revoke', { params: { path: { id } } }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  });
  const columns: readonly Column<Login>[] = [
    { name: 'Browser', heads: true, cell: ({ agent, current }) => `${browserOf(agent)}${current ? ' (this one)' : ''}` },
    { name: 'From', cell: ({ address }) => address ?? 'not known' },
    { name: 'Signed in', cell: ({ createdAt, method }) => <Signed at={createdAt} method={method} /> },
    { name: 'Last seen', cell: ({ seenAt }) => <Since at={seenAt} /> },
    { name: 'Ends', cell: ({ expiresAt }) => <Since at={expiresAt} /> },
    {
      name: 'End',
      cell: (login) => (
        <Button
          variant="default"
          size="compact-sm"
          onClick={() => ending.mutate(login)}
          aria-label={login.current ? 'Sign out here' : `End the session in ${browserOf(login.agent)}`}
        >
          {login.current ? 'Sign out' : 'End'}
        </Button>
      ),
    },
  ];
  if (sessions.isPending) return <Waiting lines={2} />;
  if (sessions.isError)
    return <Empty what="Your sessions" why="cannot-load" error={sessions.error} again={() => void sessions.refetch()} />;
  return (
    <Stack gap="md">
      {sessions.data.items.length === 0 ? (
        <Empty what="Your sessions" why="none">
          You came in by a token or on the server itself: there is no browser session.
        </Empty>
      ) : (
        <Rows caption="Your open sessions" columns={columns} rows={sessions.data.items} keyOf={({ id }) => id} />
      )}
      <Text size="sm" c="dimmed">
        One you do not know: end it, remove the passkey it used, and tell an administrator.
      </Text>
      {ending.isError ? <Trouble error={ending.error} /> : null}
    </Stack>
  );
}

function Signed({ at, method }: { readonly at: string; readonly method: Login['method'] }) {
  return (
    <>
      <Since at={at} /> {method === 'passkey' ? 'by passkey' : 'by the organisation’s sign-in'}
    </>
  );
}
