// Accounts: what credentials there are, whose they are, and what stands in the way of resetting them.
import { Button, Checkbox, Group, Menu, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useCallback, useState } from 'react';
import { Screen } from '../shell/screen.tsx';
import { CliTwin } from '../words/cli-twin.tsx';
import { Empty } from '../words/empty.tsx';
import { count, number } from '../words/times.ts';
import { Waiting } from '../words/waiting.tsx';
import { AccountDrawer } from './account-drawer.tsx';
import { useAccounts, useCount } from './account-pages.ts';
import css from './accounts.module.css';
import { useAddress } from './address.ts';
import { columnIds, columnNames, narrow, usual } from './columns.tsx';
import { Discover } from './discover.tsx';
import { Filter, isUnreadable } from './filter.tsx';
import { Grid } from './grid.tsx';
import { ImportCsv } from './import-csv.tsx';
import { nothing, type Selected, toggled } from './selected.ts';
import { exportHref, SelectionBar } from './selection-bar.tsx';

function AccountsScreen() {
  const [address, go] = useAddress();
  const { where, sort } = address;
  const phone = useMediaQuery('(max-width: 48em)');
  const shown = columnIds.filter((id) => (address.columns ?? (phone === true ? narrow : usual)).some((each) => each === id));
  const { rows, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useAccounts(where, sort);
  const total = useCount(where);
  const every = useCount('all', where !== 'all' && total.data === 0);
  const [selected, select] = useState<Selected>(nothing);
  const filtered = (to: string): void => {
    select(nothing);
    go({ where: to });
  };
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  return (
    <Screen
      title="Accounts"
      actions={
        <Group gap={6}>
          <ImportCsv />
          <Discover />
          <Button size="compact-sm" variant="default" component="a" href={exportHref(where)} download="accounts.csv">
            Export CSV
          </Button>
          <Columns shown={shown} choose={(columns) => go({ columns })} />
        </Group>
      }
    >
      <Filter where={where} change={filtered} error={error} narrow={phone === true} />
      <Text size="sm" className={css.foot} role="status">
        {total.data === undefined
          ? total.isError
            ? 'The count cannot be loaded.'
            : 'Counting…'
          : `${count(total.data, 'account')}${where === 'all' ? '' : ' that match'}`}
        {total.data !== undefined && rows.length > 0 && rows.length < total.data
          ? `, ${number(rows.length)} loaded; the rest comes as you scroll`
          : ''}
      </Text>
      <SelectionBar selected={selected} select={select} where={where} total={total.data} />
      {isPending ? (
        <Waiting lines={10} height={30} />
      ) : rows.length === 0 && isUnreadable(error) ? (
        <Text size="sm">The list waits for a filter that can be read.</Text>
      ) : rows.length === 0 && error !== null ? (
        <Empty what="Accounts" why="cannot-load" error={error} again={() => void refetch()} />
      ) : rows.length === 0 && where !== 'all' ? (
        <Empty what="Accounts" why="filtered" {...(every.data === undefined ? {} : { hidden: every.data })} clear={() => filtered('all')} />
      ) : rows.length === 0 ? (
        <Empty what="Accounts" why="none" twin={['rekey', 'discover']} action={<Discover />}>
          Accounts come from the systems of the estate file. Nothing is changed by discovering them.
        </Empty>
      ) : (
        <Grid
          rows={rows}
          total={total.data}
          more={hasNextPage && !isFetchingNextPage ? more : undefined}
          shown={shown}
          sort={sort}
          sortBy={(to) => go({ sort: to })}
          selected={selected}
          toggle={(account) => select(toggled(selected, account))}
          toggleAll={() => select(selected.kind === 'all' ? nothing : { kind: 'all', where })}
          open={({ system, id }) => go({ open: { system, id } })}
        />
      )}
      <CliTwin words={['rekey', 'account', 'ls', '--where', where]} />
      <AccountDrawer open={address.open} close={() => go({ open: null })} />
    </Screen>
  );
}

function Columns({ shown, choose }: { readonly shown: readonly string[]; readonly choose: (columns: readonly string[]) => void }) {
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      <Menu.Target>
        <Button size="compact-sm" variant="default">
          Columns
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {columnIds.map((id) => {
          const on = shown.includes(id);
          return (
            <Menu.Item
              key={id}
              role="menuitemcheckbox"
              aria-checked={on}
              disabled={id === 'account'}
              leftSection={<Checkbox.Indicator checked={on} size="xs" />}
              onClick={() => choose(columnIds.filter((each) => (each === id ? !on : shown.includes(each))))}
            >
              {columnNames[id]}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}

export { AccountsScreen as screen };
