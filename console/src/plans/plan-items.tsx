// Every credential of the plan with what happens to it, drawn only where it is seen; blocked ones are one choice away.
import { Group, NativeSelect, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { api, got } from '../api/client.ts';
import { Empty } from '../words/empty.tsx';
import { Waiting } from '../words/waiting.tsx';
import { PlanItem } from './plan-item.tsx';
import { type Action, actions, type Plan } from './plan-words.ts';
import css from './plans.module.css';

const pageSize = 200;
const ahead = 40;
const choices = Object.keys(actions) as Action[]; // Object.keys loses the key type

export function PlanItems({ plan }: { readonly plan: Plan }) {
  const [wave, setWave] = useState('');
  const [action, setAction] = useState<Action | ''>('');
  const frame = useRef<HTMLDivElement>(null);
  const items = useInfiniteQuery({
    queryKey: ['plan', plan.id, 'items', wave, action],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => {
      const query = {
        limit: pageSize,
        ...(pageParam === '' ? {} : { cursor: pageParam }),
        ...(wave === '' ? {} : { wave: Number(wave) }),
        ...(action === '' ? {} : { action }),
      };
      return got(api.GET('/v1/plans/{id}/items', { params: { path: { id: plan.id }, query }, signal }));
    },
    getNextPageParam: (last) => last.cursor,
  });
  const rows = items.data?.pages.flatMap((page) => page.items) ?? [];
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => frame.current, estimateSize: () => 30, overscan: 8 });
  const drawn = virtual.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = items;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= rows.length - ahead) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, last, rows.length]);
  return (
    <>
      <Group gap="xs">
        <NativeSelect
          size="xs"
          aria-label="Wave"
          value={wave}
          data={[
            { value: '', label: 'Every wave' },
            ...plan.waves.map((each) => ({ value: String(each.n), label: `Wave ${each.n} ${each.name}` })),
          ]}
          onChange={(event) => setWave(event.currentTarget.value)}
        />
        <NativeSelect
          size="xs"
          aria-label="What happens to them"
          value={action}
          data={[
            { value: '', label: 'Whatever happens to them' },
            ...choices.map((each) => ({ value: each, label: `${actions[each].sign} ${actions[each].word}` })),
          ]}
          onChange={(event) => setAction(choices.find((each) => each === event.currentTarget.value) ?? '')}
        />
      </Group>
      {items.isPending ? <Waiting lines={6} /> : null}
      {items.isError ? (
        <Empty what="Credentials of the plan" why="cannot-load" error={items.error} again={() => void items.refetch()} />
      ) : null}
      {items.isSuccess && rows.length === 0 ? (
        wave === '' && action === '' ? (
          <Empty what="Credentials of the plan" why="none">
            The selector names no account.
          </Empty>
        ) : (
          <Empty
            what="Credentials of the plan"
            why="filtered"
            hidden={plan.totals.selected}
            clear={() => {
              setWave('');
              setAction('');
            }}
          />
        )
      ) : null}
      {rows.length === 0 ? null : (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
          <section ref={frame} className={css.items} tabIndex={0} aria-label="Credentials of the plan">
            <ul className={css.list} style={{ height: virtual.getTotalSize() }}>
              {drawn.map((each) => {
                const item = rows[each.index];
                return item === undefined ? null : (
                  <PlanItem key={each.key} item={item} index={each.index} top={each.start} measure={virtual.measureElement} />
                );
              })}
            </ul>
          </section>
          <Text size="xs" c="dimmed">
            ~ rotate · - block · ☐ by hand · ! blocked · = skip · ↻ consumers moved · ? old secret not known, so its end is inferred by
            other controls
          </Text>
        </>
      )}
    </>
  );
}
