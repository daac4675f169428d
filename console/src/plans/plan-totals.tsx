// The sums of a plan with the signs of the command line. They close: every selected account is in exactly one of them.
import { Text } from '@mantine/core';
import { number } from '../words/times.ts';
import { colourOf, type Tone } from '../words/tone.ts';
import type { Plan } from './plan-words.ts';
import css from './plans.module.css';

export function PlanTotals({ totals: t, waves }: { readonly totals: Plan['totals']; readonly waves: number }) {
  return (
    <ul className={css.totals} aria-label="Sums of the plan">
      <Sum sign="~" n={t.rotate} word="to rotate" />
      <Sum sign="-" n={t.contain} word="to block" tone="warn" />
      <Sum sign="☐" n={t.byHand} word="by hand" tone="warn" />
      <Sum sign="!" n={t.blocked} word="blocked" tone="bad" />
      <Sum sign="=" n={t.skipped} word="skipped" />
      <Sum sign="" n={waves} word="waves" />
      <Sum sign="!" n={t.tier0} word="of tier 0" tone="warn" />
      <Sum sign="↻" n={t.consumers} word="consumers to move" />
      <Sum sign="?" n={t.unknownConsumers} word="consumers unknown" tone="bad" />
      <Sum sign="?" n={Math.max(0, t.rotate - t.oldKnown)} word="without the old secret" />
    </ul>
  );
}

function Sum({
  sign,
  n,
  word,
  tone = 'plain',
}: {
  readonly sign: string;
  readonly n: number;
  readonly word: string;
  readonly tone?: Tone;
}) {
  return (
    <li className={css.sum}>
      <Text span fw={700} size="lg" className="figures" c={n === 0 ? 'dimmed' : colourOf(tone)}>
        {sign === '' ? null : <span aria-hidden="true">{sign} </span>}
        {number(n)}
      </Text>
      <Text span size="sm">
        {word}
      </Text>
    </li>
  );
}
