// The two answers to an approval: yes by passkey, no with a reason. Who may not give one is told why; the command by SSH key is always there.
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, got } from '../api/client.ts';
import { useSession } from '../sign-in/session.ts';
import { CliTwin } from '../words/cli-twin.tsx';
import { Confirm } from '../words/confirm.tsx';
import { Trouble } from '../words/trouble.tsx';
import { type Ask, whyNot } from './ask.ts';
import { approveByPasskey } from './by-passkey.ts';

export function Answer({ ask, readable }: { readonly ask: Ask; readonly readable: boolean }) {
  const me = useSession().data?.member?.name;
  const queries = useQueryClient();
  const [refusing, refusal] = useDisclosure();
  const told = async (): Promise<void> => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['approvals'] }),
      queries.invalidateQueries({ queryKey: ['plan', ask.id] }),
      queries.invalidateQueries({ queryKey: ['plans'] }),
      queries.invalidateQueries({ queryKey: ['now'] }),
    ]);
  };
  const approving = useMutation({ mutationFn: () => approveByPasskey(ask), onSuccess: told });
  const withdrawing = useMutation({
    mutationFn: () => got(api.POST('/v1/approvals/{id}/refuse/withdraw', { params: { path: { id: ask.id } } })),
    onSuccess: told,
  });
  const why = whyNot(ask, me);
  const refusedByMe = ask.refused.some(({ name }) => name === me);
  return (
    <Stack gap="sm" align="flex-start">
      {approving.isSuccess ? (
        <Alert color="teal" variant="outline" role="status" title="✓ Approved">
          Your approval is on record.
        </Alert>
      ) : why === undefined ? null : (
        <Text size="sm">{why}</Text>
      )}
      {why === undefined && !approving.isSuccess ? (
        <Group gap="sm">
          <Button size="md" disabled={!readable} loading={approving.isPending} onClick={() => approving.mutate()}>
            Approve with my passkey
          </Button>
          <Button size="md" variant="default" onClick={refusal.open}>
            Refuse
          </Button>
        </Group>
      ) : null}
      {refusedByMe ? (
        <Button variant="default" loading={withdrawing.isPending} onClick={() => withdrawing.mutate()}>
          Take my refusal back
        </Button>
      ) : null}
      {approving.isError ? <Trouble error={approving.error} /> : null}
      {withdrawing.isError ? <Trouble error={withdrawing.error} /> : null}
      <CliTwin words={['rekey', 'approve', ask.id, '--as', me ?? 'NAME', '--key', 'FILE']} label="By SSH key instead:" />
      <Confirm
        opened={refusing}
        close={refusal.close}
        title={`Refuse ${ask.id}`}
        verb="Refuse"
        danger
        reason="mandatory"
        act={({ reason }) => got(api.POST('/v1/approvals/{id}/refuse', { params: { path: { id: ask.id } }, body: { reason } })).then(told)}
      >
        Nothing starts while your refusal stands. Whoever asked sees your reason. You can take it back.
      </Confirm>
    </Stack>
  );
}
