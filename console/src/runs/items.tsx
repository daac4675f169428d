// The items of a run by page: only what is seen is drawn, the filter is in the address, and why the list is empty is said.
import { Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { Empty } from '../words/empty.tsx';
import { saidOf, states } from '../words/states.ts';
import { number } from '../words/times.ts';
import { Waiting } from '../words/waiting.tsx';
import { isFiltered, noFilter, type RunAddress } from './address.ts';
import { ItemRow } from './item-row.tsx';
import { totalOf } from './progress.ts';
import { type Run, useItems } from './run-queries.ts';
import css from './runs.module.css';

type Props = {
  readonly run: Run;
  readonly address: RunAddress;
  readonly go: (change: { readonly [name: string]: string | undefined }) => void;
};

const rowHeight = 44;
/** The next page is asked for this many rows before the end is reached. */
const ahead = 40;

export function Items({ run, address, go }: Props) {
  const list = useItems(run.id, address, run.endedAt === null);
  const rows = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const drawn = virtual.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  useEffect(() => {
    if (last >= rows.length - ahead && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const search = useDebouncedCallback((text: string) => go({ text: text.trim() === '' ? undefined : text.trim() }), 300);
  const total = totalOf(run.progress);
  const filtered = isFiltered(address);
  return (
    <section aria-label="Items">
      <Group gap="sm" align="end" mb="xs">
        <TextInput
          type="search"
          label="Account"
          placeholder="part of its name"
          defaultValue={address.text ?? ''}
          key={address.text === undefined ? 'none' : 'some'}
          onChange={(event) => search(event.currentTarget.value)}
          w={200}
        />
        <NativeSelect
          label="State"
          value={address.state ?? ''}
          onChange={(event) => go({ state: event.currentTarget.value || undefined })}
          data={[
            { value: '', label: 'any' },
            { value: 'parked', label: `stopped half-way (${number(run.parked)})` },
            ...Object.keys(states.item).map((state) => ({
              value: state,
              label: `${saidOf('item', state).word} (${number(run.counts[state as keyof Run['counts']] ?? 0)})`, // a key of the same table
            })),
          ]}
        />
        <Text size="sm" role="status">
          {filtered ? `${number(rows.length)}${hasNextPage ? ' or more' : ''} of ${number(total)} shown` : `${number(total)} in all`}
          {[address.system, address.wave === undefined ? undefined : `wave ${address.wave}`, address.error]
            .filter((each) => each !== undefined)
            .map((each) => ` · ${each}`)}
        </Text>
        {filtered ? (
          <button type="button" className={css.clear} onClick={() => go(noFilter)}>
            Clear the filter
          </button>
        ) : null}
      </Group>
      {list.isPending ? <Waiting lines={8} height={32} /> : null}
      {list.isError ? <Empty what="Items" why="cannot-load" error={list.error} again={() => void list.refetch()} /> : null}
      {list.isSuccess && rows.length === 0 ? (
        filtered ? (
          <Empty what="Items" why="filtered" hidden={total} clear={() => go(noFilter)} />
        ) : (
          <Empty what="Items" why="none">
            The plan of this run changes nothing.
          </Empty>
        )
      ) : null}
      {rows.length === 0 ? null : (
        <div ref={frame} className={css.frame}>
          <ul aria-label="Items of the run" className={css.body} style={{ height: virtual.getTotalSize() }}>
            {drawn.map(({ index, start }) => {
              const item = rows[index];
              return item === undefined ? null : (
                <ItemRow key={`${item.system}/${item.id}`} item={item} top={start} open={() => go({ item: `${item.system}/${item.id}` })} />
              );
            })}
          </ul>
        </div>
      )}
    </section>
  );
}
