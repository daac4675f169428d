// Who may sign in, and as what. Whoever gives rights here holds none over credentials.
import { Button, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, got, type Schemas } from '../api/client.ts';
import { useMay } from '../sign-in/session.ts';
import { More } from '../table/more.tsx';
import { type Column, Rows } from '../table/rows.tsx';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { Waiting } from '../words/waiting.tsx';
import { Invite } from './invite.tsx';
import { InviteBack } from './invite-back.tsx';
import { MemberChange } from './member-change.tsx';
import { OpenInvitations } from './open-invitations.tsx';

type Member = Schemas['Member'];

const pageSize = 100;

export function Members() {
  const may = useMay('member.manage') !== undefined;
  const [changing, setChanging] = useState<Member>();
  const [lost, setLost] = useState<Member>();
  const [inviting, invitation] = useDisclosure();
  const members = useInfiniteQuery({
    queryKey: ['members'],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      got(api.GET('/v1/members', { params: { query: { limit: pageSize, ...(pageParam === '' ? {} : { cursor: pageParam }) } }, signal })),
    getNextPageParam: ({ cursor }) => cursor,
  });
  const columns: readonly Column<Member>[] = [
    { name: 'Name', heads: true, cell: ({ name, email }) => (email === null || email === name ? name : `${name} (${email})`) },
    { name: 'Roles', cell: ({ roles }) => roles.join(', ') || 'none' },
    { name: 'Signs in with', cell: waysOf },
    { name: 'State', cell: stateOf },
    { name: 'Last seen', cell: ({ seenAt }) => (seenAt === null ? 'never' : <Since at={seenAt} />) },
    ...(may
      ? [
          {
            name: 'Change',
            cell: (member: Member) => (
              <Button variant="default" size="compact-sm" onClick={() => setChanging(member)} aria-label={`Change ${member.name}`}>
                Change
              </Button>
            ),
          },
        ]
      : []),
  ];
  const rows = members.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Stack gap="md">
      <Group justify="space-between" wrap="wrap">
        <Text size="sm" c="dimmed">
          People and programs that may sign in here.
        </Text>
        {may ? <Button onClick={invitation.open}>Invite somebody</Button> : null}
      </Group>
      {members.isPending ? (
        <Waiting />
      ) : members.isError && rows.length === 0 ? (
        <Empty what="Members" why="cannot-load" error={members.error} again={() => void members.refetch()} />
      ) : rows.length === 0 ? (
        <Empty what="Members" why="none">
          The first administrator comes in by the code that rekey serve prints.
        </Empty>
      ) : (
        <Rows caption="Members" columns={columns} rows={rows} keyOf={({ id }) => id} />
      )}
      <More pages={members} what="members" />
      <OpenInvitations />
      <Invite opened={inviting} close={invitation.close} />
      {changing === undefined ? null : (
        <MemberChange
          member={changing}
          close={() => setChanging(undefined)}
          lost={() => {
            setChanging(undefined);
            setLost(changing);
          }}
        />
      )}
      {lost === undefined ? null : <InviteBack member={lost} close={() => setLost(undefined)} />}
    </Stack>
  );
}

function waysOf({ passkeys, oidc }: Member): string {
  const ways = [
    ...(passkeys > 0 ? [passkeys === 1 ? 'one passkey' : `${passkeys} passkeys`] : []),
    ...(oidc ? ['the organisation’s sign-in'] : []),
  ];
  return ways.join(', ') || 'nothing yet';
}

function stateOf({ disabled, expiresAt }: Member) {
  if (disabled)
    return (
      <Text inherit component="span" c="var(--rk-bad)" fw={600}>
        ✗ disabled
      </Text>
    );
  if (expiresAt === null) return '✓ may sign in';
  return (
    <>
      ends <Since at={expiresAt} />
    </>
  );
}
