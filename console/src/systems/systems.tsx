// Systems: what each of them is, when it was last read, and which of them is in trouble, why and since when.
import { Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Discover } from '../accounts/discover.tsx';
import { api, got, type Schemas } from '../api/client.ts';
import { Screen } from '../shell/screen.tsx';
import { CliTwin } from '../words/cli-twin.tsx';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { number } from '../words/times.ts';
import { Waiting } from '../words/waiting.tsx';
import { TroubleWord } from './trouble-word.tsx';

type System = Schemas['System'];
const roles: Readonly<Record<System['role'], string>> = { system: 'system', store: 'store', path: 'path', removed: 'left the estate file' };

function SystemsScreen() {
  const systems = useQuery({ queryKey: ['systems'], queryFn: ({ signal }) => got(api.GET('/v1/systems', { signal })) });
  const items = systems.data?.items ?? [];
  const inTrouble = items.filter((each) => each.trouble !== null);
  return (
    <Screen title="Systems" actions={<Discover />}>
      {systems.isPending ? <Waiting lines={8} height={30} /> : null}
      {systems.isError ? <Empty what="Systems" why="cannot-load" error={systems.error} again={() => void systems.refetch()} /> : null}
      {systems.isSuccess && items.length === 0 ? (
        <Empty what="Systems" why="none" twin={['rekey', 'config', 'validate']}>
          Systems are declared in the estate file, rekey.yaml, and nowhere else.
        </Empty>
      ) : null}
      {items.length === 0 ? null : (
        <>
          <Text size="sm" role="status">
            {inTrouble.length === 0
              ? `${number(items.length)} systems, none in trouble.`
              : `${number(inTrouble.length)} of ${number(items.length)} systems in trouble.`}
          </Text>
          <Table.ScrollContainer type="native" minWidth={760} tabIndex={0} role="group" aria-label="Systems of the estate">
            <Table verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>System</Table.Th>
                  <Table.Th>Work there</Table.Th>
                  <Table.Th>Tier</Table.Th>
                  <Table.Th>Connector</Table.Th>
                  <Table.Th>Accounts</Table.Th>
                  <Table.Th>Last discovery</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {[...items].sort(byTrouble).map((each) => (
                  <Row key={each.system} system={each} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </>
      )}
      <CliTwin words={['rekey', 'doctor']} />
    </Screen>
  );
}

/** What is halted goes on only if somebody acts; what waits for something may go on by itself. */
const urgency = ({ trouble }: System): number => (trouble === null ? 2 : trouble.state === 'halted' ? 0 : 1);

const byTrouble = (a: System, b: System): number => urgency(a) - urgency(b) || a.tier - b.tier || a.system.localeCompare(b.system);

function Row({ system: { system, tier, title, role, accounts, discovery, trouble } }: { readonly system: System }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Link to="/systems/$system" params={{ system }}>
          {system}
        </Link>
      </Table.Td>
      <Table.Td>
        <TroubleWord trouble={trouble} />
      </Table.Td>
      <Table.Td>{tier}</Table.Td>
      <Table.Td>
        {title}
        {role === 'system' ? null : `, ${roles[role]}`}
      </Table.Td>
      <Table.Td className="figures">
        {role === 'store' || role === 'path' ? 'holds none' : number(accounts.count)}
        {accounts.withoutOwner > 0 ? `, ${number(accounts.withoutOwner)} without one owner` : ''}
      </Table.Td>
      <Table.Td>
        {discovery === null ? (
          'never'
        ) : discovery.endedAt === null ? (
          <>
            begun <Since at={discovery.startedAt} />, not finished
          </>
        ) : (
          <Since at={discovery.endedAt} />
        )}
      </Table.Td>
    </Table.Tr>
  );
}

export { SystemsScreen as screen };
