// One credential of a plan: sign, name, tier, owner, consumers, and the reason where it is left out.
import { Text } from '@mantine/core';
import type { Schemas } from '../api/client.ts';
import { count } from '../words/times.ts';
import { colourOf } from '../words/tone.ts';
import { actions } from './plan-words.ts';
import css from './plans.module.css';

export type PlanItemProps = {
  readonly item: Schemas['PlanItem'];
  readonly index: number;
  readonly top: number;
  readonly measure: (element: Element | null) => void;
};

export function PlanItem({ item, index, top, measure }: PlanItemProps) {
  const { sign, word, tone } = actions[item.action];
  const facts = [
    `tier ${item.tier}`,
    item.kind,
    item.owner ?? 'no owner',
    item.consumers > 0 ? `↻ ${count(item.consumers, 'consumer')}` : '',
    item.action === 'rotate' && !item.oldKnown ? '? old secret not known' : '',
    item.sync === null ? '' : `one value by ${item.sync}`,
    item.reason ?? '',
  ];
  return (
    <li className={css.item} ref={measure} data-index={index} style={{ transform: `translateY(${top}px)` }}>
      <Text span inherit c={colourOf(tone)} fw={600}>
        <span aria-hidden="true">{sign} </span>
        {word}
      </Text>{' '}
      {item.system}/{item.account}{' '}
      <Text span inherit c="dimmed">
        {facts.filter(Boolean).join(' · ')}
      </Text>
      {item.byHand === null ? null : <Text size="sm">Do: {item.byHand}</Text>}
    </li>
  );
}
