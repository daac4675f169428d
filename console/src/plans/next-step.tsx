// The one thing to do with the plan now, beside its name: have it approved, apply it, or make it again. The button itself stands below what must be read first.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useNow } from '../words/clock.ts';
import { type Plan, type Standing, standingOf } from './plan-words.ts';

/** Where the page ends: the warnings again, the approvals, the button. */
export const lastPart = 'before-it-runs';

const below: Readonly<Record<Exclude<Standing['kind'], 'waits'>, string | null>> = {
  ready: 'Next: read, then apply',
  expired: 'Next: plan again',
  nothing: null,
};

export function NextStep({ plan }: { readonly plan: Plan }) {
  const { kind } = standingOf(plan, useNow());
  if (kind === 'waits')
    return (
      <Button size="compact-md" renderRoot={(props) => <Link to="/approvals/$subject" params={{ subject: plan.id }} {...props} />}>
        Next: have it approved
      </Button>
    );
  const words = below[kind];
  return words === null ? null : (
    <Button size="compact-md" variant="default" component="a" href={`#${lastPart}`}>
      {words}
    </Button>
  );
}
