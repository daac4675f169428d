// What the log of the run tells of one item, oldest first.
import { Title } from '@mantine/core';
import { Empty } from '../words/empty.tsx';
import { LogLines } from '../words/log-lines.tsx';
import { Waiting } from '../words/waiting.tsx';
import { useItemLog } from './run-queries.ts';

export function ItemLog({ run, item }: { readonly run: string; readonly item: string }) {
  const { data, isError, error, refetch } = useItemLog(run, item, true);
  return (
    <section aria-labelledby="log">
      <Title order={3} size="h6" id="log">
        Its log (UTC)
      </Title>
      {data === undefined ? (
        isError ? (
          <Empty what="The log" why="cannot-load" error={error} again={() => void refetch()} />
        ) : (
          <Waiting lines={4} />
        )
      ) : data.items.length === 0 ? (
        <Empty what="Entries" why="not-run" />
      ) : (
        <LogLines lines={data.items} />
      )}
    </section>
  );
}
