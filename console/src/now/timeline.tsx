// The last that happened to the run: who, what, when.
import { Text, Title } from '@mantine/core';
import { exactUtc, timeUtc } from '../words/times.ts';
import css from './now.module.css';
import type { Now } from './use-now.ts';

export function Timeline({ now }: { readonly now: Now }) {
  return (
    <section aria-labelledby="timeline">
      <Title order={2} size="h5" id="timeline" mb={4}>
        Timeline (UTC)
      </Title>
      <Text size="xs" component="ol" className={css.timeline}>
        {now.timeline.map(({ at, text, by }) => (
          <li key={`${at} ${text}`}>
            <time dateTime={at} title={exactUtc(at)} className="figures">
              {timeUtc(at)}
            </time>
            <span>
              {text}
              {by === null ? '' : ` · ${by}`}
            </span>
          </li>
        ))}
      </Text>
    </section>
  );
}
