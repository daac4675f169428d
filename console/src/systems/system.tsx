// One system: whether it is reached and with which rights, what it demands, how fast, by which ways its accounts are proved, and what a reset does not end.
import { Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { quoted } from '../accounts/clauses.ts';
import { Discover } from '../accounts/discover.tsx';
import { api, got } from '../api/client.ts';
import { Screen } from '../shell/screen.tsx';
import { CliTwin } from '../words/cli-twin.tsx';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { number } from '../words/times.ts';
import { Waiting } from '../words/waiting.tsx';
import { CapabilityTable } from './capability-table.tsx';
import { Checks } from './checks.tsx';
import { Lanes } from './lanes.tsx';
import { Paths } from './paths.tsx';
import { Policy } from './policy.tsx';
import { Section } from './section.tsx';
import { SystemFacts } from './system-facts.tsx';

function SystemScreen() {
  const { system = '' } = useParams({ strict: false });
  const found = useQuery({
    queryKey: ['system', system],
    queryFn: ({ signal }) => got(api.GET('/v1/systems/{system}', { params: { path: { system } }, signal })),
  });
  const { data } = found;
  if (data === undefined)
    return (
      <Screen title={system}>
        {found.isError ? (
          <Empty what={`System ${system}`} why="cannot-load" error={found.error} again={() => void found.refetch()} />
        ) : (
          <Waiting lines={10} />
        )}
      </Screen>
    );
  const { accounts, discovery } = data;
  return (
    <Screen title={system} actions={<Discover system={system} />}>
      <Group gap="md" fz="sm">
        <Text size="sm">
          {data.title}, tier {data.tier}, {data.owner === null ? 'no owner of last resort' : `owner of last resort ${data.owner}`}
        </Text>
        <Link to="/accounts" search={{ where: `system = ${quoted(system)}` }}>
          {number(accounts.count)} accounts
        </Link>
        {accounts.withoutOwner === 0 ? null : (
          <Link to="/accounts" search={{ where: `system = ${quoted(system)} and owner = none` }}>
            {number(accounts.withoutOwner)} without one owner
          </Link>
        )}
        <Text size="sm">
          {discovery === null ? (
            'never discovered'
          ) : discovery.endedAt === null ? (
            <>
              discovery begun <Since at={discovery.startedAt} />, not finished, {number(discovery.found)} found
            </>
          ) : (
            <>
              discovered <Since at={discovery.endedAt} exact />, {number(discovery.found)} found
            </>
          )}
        </Text>
      </Group>
      <Lanes lanes={data.lanes} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Stack gap="md">
          <Section title="Reach and rights">
            <Checks system={system} />
          </Section>
          <Section title="Paths and what they prove">
            <Paths paths={data.paths} canary={data.canary} />
          </Section>
        </Stack>
        <Stack gap="md">
          <Section title="Password policy">
            <Policy policy={data.policy} />
          </Section>
          <Section title="Limits and credentials">
            <SystemFacts system={data} />
          </Section>
        </Stack>
      </SimpleGrid>
      <Section title="What a reset does not kill">
        {data.derivatives.length === 0 ? (
          <Text size="sm">The connector names nothing that outlives a change of the secret here.</Text>
        ) : (
          data.derivatives.map(({ what, killedBy, residual }) => (
            <Text key={what} size="sm">
              <b>{what}</b>: ended by {killedBy}. Left: {residual}.
            </Text>
          ))
        )}
      </Section>
      <Section title="What Rekey can do here">
        <CapabilityTable capabilities={data.capabilities} />
      </Section>
      <CliTwin words={['rekey', 'doctor', '--system', system]} />
    </Screen>
  );
}

export { SystemScreen as screen };
