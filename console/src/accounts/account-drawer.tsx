// One account beside the list: who it is, whose, what uses it, what blocks it, and what runs did to it.
import { Button, Group, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, got } from '../api/client.ts';
import { useMay } from '../sign-in/session.ts';
import { CliTwin } from '../words/cli-twin.tsx';
import { Dialog } from '../words/dialog.tsx';
import { Trouble } from '../words/trouble.tsx';
import { Waiting } from '../words/waiting.tsx';
import { AccountClaims } from './account-claims.tsx';
import { AccountConsumers } from './account-consumers.tsx';
import { AccountFacts } from './account-facts.tsx';
import { AccountRuns } from './account-runs.tsx';
import { selectorOf } from './clauses.ts';

export type AccountDrawerProps = { readonly open: { readonly system: string; readonly id: string } | null; readonly close: () => void };

export function AccountDrawer({ open, close }: AccountDrawerProps) {
  const mayPlan = useMay('plan.create') !== undefined;
  const mayReadRuns = useMay('run.read') !== undefined;
  const path = { system: open?.system ?? '', account: open?.id ?? '' };
  const account = useQuery({
    queryKey: ['accounts', 'one', path.system, path.account],
    enabled: open !== null,
    queryFn: ({ signal }) => got(api.GET('/v1/accounts/{system}/{account}', { params: { path }, signal })),
  });
  const { data } = account;
  const title = data === undefined ? 'Account' : `${data.system}/${data.account}`;
  return (
    <Dialog at="side" opened={open !== null} close={close} title={title}>
      {account.isError ? <Trouble error={account.error} again={() => void account.refetch()} /> : null}
      {account.isPending && open !== null ? <Waiting lines={8} /> : null}
      {data === undefined || open === null ? null : (
        <Stack gap="md">
          <AccountFacts account={data} />
          <section>
            <Title order={3} size="h4">
              Consumers
            </Title>
            <AccountConsumers consumers={data.consumers} />
          </section>
          <section>
            <Title order={3} size="h4">
              Runs
            </Title>
            <AccountRuns system={open.system} account={open.id} />
          </section>
          {mayReadRuns ? (
            <section>
              <Title order={3} size="h4">
                Delivery
              </Title>
              <AccountClaims system={open.system} account={open.id} />
            </section>
          ) : null}
          {mayPlan ? (
            <Group>
              <Button renderRoot={(props) => <Link to="/plans/new" search={{ where: selectorOf([data]) }} {...props} />}>
                Plan a reset of it
              </Button>
            </Group>
          ) : null}
          <CliTwin words={['rekey', 'account', 'show', `${data.system}/${data.id}`]} />
        </Stack>
      )}
    </Dialog>
  );
}
