// Who made the plan, over what, why, and until when it holds.
import { Code } from '@mantine/core';
import css from '../accounts/accounts.module.css';
import { useNow } from '../words/clock.ts';
import { Since } from '../words/since.tsx';
import { colourOf } from '../words/tone.ts';
import { type Plan, standingOf } from './plan-words.ts';

export function PlanHeader({ plan }: { readonly plan: Plan }) {
  const { word, tone } = standingOf(plan, useNow());
  return (
    <dl className={css.facts}>
      <dt>Plan</dt>
      <dd>
        {plan.id}, <span style={{ color: colourOf(tone) }}>{word}</span>
      </dd>
      <dt>Where</dt>
      <dd>
        <Code>{plan.where}</Code>
      </dd>
      <dt>Reason</dt>
      <dd>
        {plan.reason}
        {plan.incident === null ? '' : ` (${plan.incident})`}
      </dd>
      <dt>Mode</dt>
      <dd>
        {plan.mode === 'contain' ? 'containment: the old value dies first' : 'continuity: consumers first'}
        {plan.rollback ? ', consumers that break are put back' : ''}
      </dd>
      <dt>Made</dt>
      <dd>
        <Since at={plan.createdAt} exact /> by {plan.createdBy}
      </dd>
      <dt>Holds until</dt>
      <dd>
        <Since at={plan.expiresAt} exact />
      </dd>
    </dl>
  );
}
