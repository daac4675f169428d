// Where the run is: each wave with how far it is, what went wrong in it, and what it waits for.
import { Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { closedOf, together, totalOf, wrongOf } from '../runs/progress.ts';
import { WaveBar, WaveLegend } from '../runs/wave-bar.tsx';
import { StateWord } from '../words/state-word.tsx';
import { number } from '../words/times.ts';
import css from './now.module.css';
import type { Now } from './use-now.ts';

export function Waves({ now, run }: { readonly now: Now; readonly run: NonNullable<Now['run']> }) {
  return (
    <section aria-labelledby="waves">
      <Title order={2} size="h5" id="waves" mb={4}>
        Where the run is
      </Title>
      <ol className={css.waves}>
        {now.waves.map((wave) => (
          <li key={wave.n}>
            <Text size="sm" component="div" className={css.wave}>
              <Link to="/runs/$run" params={{ run: run.id }} search={{ wave: wave.n }}>
                {wave.n}
              </Link>
              <span className={css.waveName} title={wave.name}>
                {wave.name}
              </span>
              <WaveBar sums={wave.progress} />
              <span className="figures">
                {number(closedOf(wave.progress))}/{number(totalOf(wave.progress))}
              </span>
              <StateWord kind="wave" state={wave.state} />
            </Text>
            {wrongOf(wave.progress) > 0 || wave.reason !== null ? (
              <Text size="xs" c="dimmed" pl={32}>
                {wrongOf(wave.progress) > 0 ? `${number(wrongOf(wave.progress))} failed or stopped` : ''}
                {wrongOf(wave.progress) > 0 && wave.reason !== null ? ' · ' : ''}
                {wave.reason}
              </Text>
            ) : null}
          </li>
        ))}
      </ol>
      <WaveLegend sums={together(now.waves.map(({ progress }) => progress))} />
    </section>
  );
}
