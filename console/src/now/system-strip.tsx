// Every system of the run in one line each: how its old secrets stand, whether it works, and if not why and since when.
import { Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { OldBar } from '../words/old-bar.tsx';
import { Since } from '../words/since.tsx';
import { StateWord } from '../words/state-word.tsx';
import { byTrouble } from './by-trouble.ts';
import css from './now.module.css';
import type { Now } from './use-now.ts';

const shown = 8;

export function SystemStrip({ now, run }: { readonly now: Now; readonly run: NonNullable<Now['run']> }) {
  const systems = byTrouble(now.systems);
  const hidden = systems.length - shown;
  return (
    <section aria-labelledby="systems">
      <Title order={2} size="h5" id="systems" mb={4}>
        Systems
      </Title>
      <ul className={css.systems}>
        {systems.slice(0, shown).map((system) => (
          <li key={system.system}>
            <Text size="sm" component="div" className={css.system}>
              <Link to="/runs/$run" params={{ run: run.id }} search={{ system: system.system }} className={css.systemName}>
                {system.system}
              </Link>
              <OldBar sums={system.old} />
              {system.state === null ? <span>not begun</span> : <StateWord kind="lane" state={system.state} />}
            </Text>
            {system.reason === null ? null : (
              <Text size="xs" c="dimmed" className={css.reason} title={system.reason}>
                {system.reason}
                {system.since === null ? '' : ' · since '}
                {system.since === null ? null : <Since at={system.since} />}
              </Text>
            )}
          </li>
        ))}
      </ul>
      {hidden > 0 ? (
        <Text size="xs">
          <Link to="/runs/$run" params={{ run: run.id }}>
            {hidden} more, none of them halted
          </Link>
        </Text>
      ) : null}
    </section>
  );
}
