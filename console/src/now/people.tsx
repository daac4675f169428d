// People, applications and exposure, each in a line.
import { Text, Title } from '@mantine/core';
import { number, spanOf } from '../words/times.ts';
import css from './now.module.css';
import type { Now } from './use-now.ts';

export function People({ now }: { readonly now: Now }) {
  const { people, consumers, delivery, exposure } = now;
  const after = (seconds: number | null): string => (seconds === null ? 'not yet' : spanOf(seconds * 1000));
  return (
    <section aria-labelledby="people">
      <Title order={2} size="h5" id="people" mb={4}>
        People and applications
      </Title>
      <Text size="sm" component="dl" className={css.facts}>
        <dt>People</dt>
        <dd className="figures">
          {people.total === 0
            ? 'not known: no account says whose it is'
            : `${number(people.done)} of ${number(people.total)} done, ${number(people.open)} under way`}
        </dd>
        <dt>New secrets fetched</dt>
        <dd className="figures">
          {delivery.people === 0
            ? 'nobody has one to fetch'
            : `by ${number(delivery.fetched)} of ${number(delivery.people)} people, ${number(delivery.people - delivery.fetched)} not yet`}
        </dd>
        <dt>Applications</dt>
        <dd className="figures">
          {consumers.total === 0
            ? 'none known'
            : `${number(consumers.adopted)} of ${number(consumers.total)} seen on the new secret, ${number(consumers.failed)} failed`}
        </dd>
        <dt>Old secret refused after</dt>
        <dd className="figures">
          first {after(exposure.firstDenied)}, half {after(exposure.p50)}, 95 % {after(exposure.p95)}
        </dd>
      </Text>
    </section>
  );
}
