// Systems: what each of them is, when it was last read, and which of them is in trouble, why and since when.
import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Discover } from '../accounts/discover.tsx';
import { api, got, type Schemas } from '../api/client.ts';
import { Screen } from '../shell/screen.tsx';
import { type Column, Rows } from '../table/rows.tsx';
import { CliTwin } from '../words/cli-twin.tsx';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { number } from '../words/times.ts';
import { Waiting } from '../words/waiting.tsx';
import { TroubleWord } from './trouble-word.tsx';

type System = Schemas['System'];
const roles: Readonly<Record<System['role'], string>> = { system: 'system', store: 'store', path: 'path', removed: 'left the estate file' };

const columns: readonly Column<System>[] = [
  {
    name: 'System',
    heads: true,
    cell: ({ system }) => (
      <Link to="/systems/$system" params={{ system }}>
        {system}
      </Link>
    ),
  },
  { name: 'Work there', cell: ({ trouble }) => <TroubleWord trouble={trouble} /> },
  { name: 'Tier', numeric: true, cell: ({ tier }) => tier },
  { name: 'Connector', cell: ({ title, role }) => (role === 'system' ? title : `${title}, ${roles[role]}`) },
  {
    name: 'Accounts',
    numeric: true,
    cell: ({ role, accounts }) => (role === 'store' || role === 'path' ? 'holds none' : number(accounts.count)),
  },
  { name: 'No single owner', numeric: true, cell: ({ accounts }) => number(accounts.withoutOwner) },
  {
    name: 'Last discovery',
    cell: ({ discovery }) => {
      if (discovery === null) return 'never';
      if (discovery.endedAt !== null) return <Since at={discovery.endedAt} />;
      return (
        <>
          begun <Since at={discovery.startedAt} />, not finished
        </>
      );
    },
  },
];

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
          <Rows caption="Systems of the estate" columns={columns} rows={[...items].sort(byTrouble)} keyOf={({ system }) => system} />
        </>
      )}
      <CliTwin words={['rekey', 'doctor']} />
    </Screen>
  );
}

/** What is halted goes on only if somebody acts; what waits for something may go on by itself. */
const urgency = ({ trouble }: System): number => (trouble === null ? 2 : trouble.state === 'halted' ? 0 : 1);

const byTrouble = (a: System, b: System): number => urgency(a) - urgency(b) || a.tier - b.tier || a.system.localeCompare(b.system);

export { SystemsScreen as screen };
