// What went wrong, by cause, before any row: how often, for example where. One cause that is chosen filters the items.
import { Text, Title, UnstyledButton } from '@mantine/core';
import { number } from '../words/times.ts';
import type { RunAddress } from './address.ts';
import { totalOf } from './progress.ts';
import type { Run } from './run-queries.ts';
import css from './runs.module.css';

type Props = { readonly run: Run; readonly address: RunAddress; readonly go: (change: { readonly error: string | undefined }) => void };

export function Failures({ run, address, go }: Props) {
  const begun = totalOf(run.progress) > (run.counts.planned ?? 0);
  return (
    <section aria-labelledby="failures">
      <Title order={2} size="h5" id="failures" mb={4}>
        Failures by cause
      </Title>
      {run.failures.length === 0 ? (
        <Text size="sm">{begun ? 'None so far.' : 'Nothing was tried yet.'}</Text>
      ) : (
        <ul className={css.rows}>
          {run.failures.map(({ error, count, sample }) => {
            const chosen = address.error === error;
            return (
              <li key={error}>
                <UnstyledButton className={css.failure} aria-pressed={chosen} onClick={() => go({ error: chosen ? undefined : error })}>
                  <strong className="figures">{number(count)} ×</strong>
                  <span>{error}</span>
                  <Text component="span" size="xs" c="dimmed">
                    {sample[0]}
                    {count > 1 ? ' …' : ''}
                  </Text>
                </UnstyledButton>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
