// API tokens of one's own: for programs, narrowed to what they need, with an end. Each is shown once.
import { Button, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, got, type Schemas } from '../api/client.ts';
import { type Column, Rows } from '../table/rows.tsx';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { Trouble } from '../words/trouble.tsx';
import { Waiting } from '../words/waiting.tsx';
import { NewToken } from './new-token.tsx';

type Token = Schemas['Token'];

const isOver = ({ revokedAt, expiresAt }: Token): boolean => revokedAt !== null || Date.parse(expiresAt) <= Date.now();

export function Tokens() {
  const [making, form] = useDisclosure();
  const queries = useQueryClient();
  const tokens = useQuery({
    queryKey: ['tokens'],
    queryFn: ({ signal }) => got(api.GET('/v1/tokens', { params: { query: {} }, signal })),
  });
  const revoking = useMutation({
    mutationFn: ({ id }: Token) => got(api.POST('/v1/tokens/{id}/revoke', { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['tokens'] }),
  });
  const columns: readonly Column<Token>[] = [
    { name: 'Token', heads: true, cell: ({ name }) => name },
    { name: 'May', cell: ({ permissions }) => permissions.join(', ') },
    { name: 'Made', cell: ({ createdAt }) => <Since at={createdAt} /> },
    { name: 'Last used', cell: ({ usedAt }) => (usedAt === null ? 'never' : <Since at={usedAt} />) },
    {
      name: 'Ends',
      cell: ({ revokedAt, expiresAt }) =>
        revokedAt === null ? (
          <Since at={expiresAt} />
        ) : (
          <>
            revoked <Since at={revokedAt} />
          </>
        ),
    },
    {
      name: 'Revoke',
      cell: (token) =>
        isOver(token) ? (
          'over'
        ) : (
          <Button variant="default" size="compact-sm" onClick={() => revoking.mutate(token)} aria-label={`Revoke ${token.name}`}>
            Revoke
          </Button>
        ),
    },
  ];
  return (
    <Stack gap="md">
      <Group justify="space-between" wrap="wrap">
        <Text size="sm" c="dimmed">
          A token stands for you, and reaches no further than you do.
        </Text>
        <Button onClick={form.open}>New token</Button>
      </Group>
      {tokens.isPending ? (
        <Waiting lines={2} />
      ) : tokens.isError ? (
        <Empty what="Your tokens" why="cannot-load" error={tokens.error} again={() => void tokens.refetch()} />
      ) : tokens.data.items.length === 0 ? (
        <Empty what="Your tokens" why="none">
          A program that calls Rekey signs in with a token: narrowed to what it needs, and with an end.
        </Empty>
      ) : (
        <Rows caption="Your API tokens" columns={columns} rows={tokens.data.items} keyOf={({ id }) => id} />
      )}
      {revoking.isError ? <Trouble error={revoking.error} /> : null}
      <NewToken opened={making} close={form.close} />
    </Stack>
  );
}
