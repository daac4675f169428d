// What the log of the run tells of one item, oldest first.
import { Text, Title } from '@mantine/core';
import { Empty } from '../words/empty.tsx';
import { exactUtc, timeUtc } from '../words/times.ts';
import { Waiting } from '../words/waiting.tsx';
import { useItemLog } from './run-queries.ts';
import css from './runs.module.css';

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
        <Text size="xs" component="ol" className={css.log}>
          {data.items.map(({ at, kind, text, by }, line) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the log only grows at its end
            <li key={line}>
              <time dateTime={at} title={exactUtc(at)} className="figures">
                {timeUtc(at)}
              </time>
              <span>{kind}</span>
              <span>
                {text}
                {by === null ? '' : ` · ${by}`}
              </span>
            </li>
          ))}
        </Text>
      )}
    </section>
  );
}
