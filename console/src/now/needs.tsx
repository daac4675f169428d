// What needs somebody, the caller's own first: what, why, since when, by whom, and what ends it.
import { Badge, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Empty } from '../words/empty.tsx';
import { Since } from '../words/since.tsx';
import { number } from '../words/times.ts';
import css from './now.module.css';
import type { Now } from './use-now.ts';

type Need = Now['needs'][number];

/** More than fit on the screen are on the run's page; how many they are is said. */
const shown = 5;

export function Needs({ now }: { readonly now: Now }) {
  const { needs } = now;
  return (
    <section aria-labelledby="needs">
      <Title order={2} size="h5" id="needs" mb={4}>
        Needs somebody ({needs.length})
      </Title>
      {needs.length === 0 ? (
        <Empty what="Decisions and repairs that wait" why="none" />
      ) : (
        <ul className={css.needs}>
          {needs.slice(0, shown).map((need) => (
            <li key={`${need.kind} ${need.what} ${need.by}`} className={css.need}>
              <Text size="sm" component="div">
                {need.mine ? (
                  <Badge size="xs" mr={6} color="teal.9">
                    you
                  </Badge>
                ) : null}
                <NeedLink need={need} />
                {need.since === null ? null : (
                  <span className={css.since}>
                    <Since at={need.since} />
                  </span>
                )}
              </Text>
              <Text size="xs" c="dimmed">
                {[need.why, need.by === null ? null : `by ${need.by}`].filter((each) => each !== null).join(' · ')}
                {need.why === null && need.by === null ? '' : ' · '}ends: {need.ends}
              </Text>
            </li>
          ))}
        </ul>
      )}
      {needs.length > shown ? (
        <Text size="xs" c="dimmed">
          and {needs.length - shown} more on the pages of the run and of approvals
        </Text>
      ) : null}
    </section>
  );
}

function NeedLink({ need }: { readonly need: Need }) {
  const words = need.count > 1 ? `${need.what}: ${number(need.count)}` : need.what;
  if (need.kind === 'approve') return <Link to="/approvals">{words}</Link>;
  if (need.run === null) return <>{words}</>;
  const search = {
    ...(need.system === null ? {} : { system: need.system }),
    ...(need.state === null ? (need.kind === 'parked' ? { state: 'parked' } : {}) : { state: need.state }),
  };
  return (
    <Link to="/runs/$run" params={{ run: need.run }} search={search}>
      {words}
    </Link>
  );
}
