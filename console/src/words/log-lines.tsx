// What happened, line by line: when (UTC), what kind where there are kinds, what, and by whom.
import { Text } from '@mantine/core';
import css from './log-lines.module.css';
import { exactUtc, timeUtc } from './times.ts';

export type LogLine = { readonly at: string; readonly kind?: string; readonly text: string; readonly by: string | null };

export function LogLines({ lines }: { readonly lines: readonly LogLine[] }) {
  return (
    <Text size="xs" component="ol" className={css.lines} data-kinds={lines.some(({ kind }) => kind !== undefined) || undefined}>
      {lines.map(({ at, kind, text, by }, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two lines may say the same in the same second
        <li key={line}>
          <time dateTime={at} title={exactUtc(at)} className="figures">
            {timeUtc(at)}
          </time>
          {kind === undefined ? null : <span>{kind}</span>}
          <span>
            {text}
            {by === null ? '' : ` · ${by}`}
          </span>
        </li>
      ))}
    </Text>
  );
}
