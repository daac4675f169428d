// The waves of a run; one that is chosen filters the items below.
import { Text, Title, UnstyledButton } from '@mantine/core';
import { StateWord } from '../words/state-word.tsx';
import { number } from '../words/times.ts';
import type { RunAddress } from './address.ts';
import { closedOf, totalOf } from './progress.ts';
import type { Run } from './run-queries.ts';
import css from './runs.module.css';
import { WaveBar, WaveLegend } from './wave-bar.tsx';

type Props = { readonly run: Run; readonly address: RunAddress; readonly go: (change: { readonly wave: string | undefined }) => void };

export function RunWaves({ run, address, go }: Props) {
  return (
    <section aria-labelledby="waves">
      <Title order={2} size="h5" id="waves" mb={4}>
        Waves
      </Title>
      <ol className={css.rows}>
        {run.waves.map(({ n, name, state, reason, progress }) => {
          const chosen = address.wave === String(n);
          return (
            <li key={n}>
              <UnstyledButton
                className={css.wave}
                aria-pressed={chosen}
                onClick={() => go({ wave: chosen ? undefined : String(n) })}
                title={chosen ? 'Show the items of all waves' : `Show only the items of wave ${n}`}
              >
                <span>{n}</span>
                <span className={css.cut}>{name}</span>
                <WaveBar sums={progress} />
                <span className="figures">
                  {number(closedOf(progress))}/{number(totalOf(progress))}
                </span>
                <StateWord kind="wave" state={state} />
              </UnstyledButton>
              {reason === null ? null : (
                <Text size="xs" c="dimmed" pl="lg">
                  {reason}
                </Text>
              )}
            </li>
          );
        })}
      </ol>
      <WaveLegend sums={run.progress} />
    </section>
  );
}
