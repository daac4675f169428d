// Who may fetch the account's present value and whether they did: what the help desk needs when somebody calls, and never the value.
import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, got, type Schemas } from '../api/client.ts';
import { useMay } from '../sign-in/session.ts';
import { Confirm } from '../words/confirm.tsx';
import { Since } from '../words/since.tsx';
import { exactUtc } from '../words/times.ts';
import { Trouble } from '../words/trouble.tsx';
import { Waiting } from '../words/waiting.tsx';

type Claim = Schemas['AccountClaim'];
type Path = { readonly system: string; readonly account: string };

export function AccountClaims({ system, account }: Path) {
  const path = { system, account };
  const mayReopen = useMay('secret.reopen') !== undefined;
  const known = useQueryClient();
  const [late, setLate] = useState<Claim>();
  const key = ['accounts', 'claims', system, account];
  const claims = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => got(api.GET('/v1/accounts/{system}/{account}/claims', { params: { path }, signal })),
  });
  if (claims.isError) return <Trouble error={claims.error} again={() => void claims.refetch()} />;
  if (claims.isPending) return <Waiting lines={1} />;
  if (claims.data.items.length === 0)
    return <Text size="sm">Nobody fetches it: Rekey set no value of it, or the inventory names nobody who may.</Text>;
  return (
    <Stack gap="xs">
      {claims.data.items.map((claim) => (
        <Group key={claim.person} justify="space-between" gap="xs">
          <Text size="sm">
            {claim.person}: {said(claim)}
            {claim.revealedAt === null ? null : <Since at={claim.revealedAt} />}
          </Text>
          {claim.state === 'expired' && mayReopen ? (
            <Button size="compact-sm" variant="default" onClick={() => setLate(claim)}>
              Open again for {claim.person}
            </Button>
          ) : null}
        </Group>
      ))}
      <Confirm
        opened={late !== undefined}
        close={() => setLate(undefined)}
        title={`Open again for ${late?.person ?? ''}`}
        verb="Open again"
        reason="mandatory"
        act={async ({ reason }) => {
          await got(
            api.POST('/v1/accounts/{system}/{account}/claims/reopen', {
              params: { path },
              body: { person: late?.person ?? '', reason },
            }),
          );
          await known.invalidateQueries({ queryKey: key });
        }}
        twin={(reason) => ['rekey', 'account', 'reopen', `${system}/${account}`, '--person', late?.person ?? '', '--reason', reason]}
      >
        The time to fetch the value begins anew, for this person only. You see nothing of it. Say in the reason how you made sure who is
        asking.
      </Confirm>
    </Stack>
  );
}

function said({ state, until, version }: Claim): string {
  const at = until === null ? '' : ` until ${exactUtc(until)}`;
  switch (state) {
    case 'waiting':
      return `version ${version} waits${at}.`;
    case 'revealed':
      return `shown; the same browser can show it again${at}. First shown `;
    case 'used':
      return 'fetched ';
    case 'expired':
      return `did not fetch version ${version} in time.`;
    case 'withdrawn':
      return 'a later reset took its place.';
    case 'not-ready':
      return 'a reset is under way; look again in a few minutes.';
  }
}
