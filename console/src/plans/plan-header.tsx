// Who made the plan, over what, why, and until when it holds.
import { Code, SimpleGrid } from '@mantine/core';
import { Facts } from '../table/facts.tsx';
import { Since } from '../words/since.tsx';
import type { Plan } from './plan-words.ts';
import { Stands } from './stands.tsx';

export function PlanHeader({ plan }: { readonly plan: Plan }) {
  const { id, where, reason, incident, mode, rollback, createdAt, createdBy, expiresAt } = plan;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing={{ base: 0, md: 'xl' }} verticalSpacing={0}>
      <Facts
        of={[
          ['Stands', <Stands key="stands" plan={plan} />],
          ['Where', <Code key="where">{where}</Code>],
          ['Reason', incident === null ? reason : `${reason} (${incident})`],
        ]}
      />
      <Facts
        of={[
          ['Plan', `${id}, made by ${createdBy}`],
          ['Made', <Since key="made" at={createdAt} exact />],
          ['Holds until', <Since key="until" at={expiresAt} exact />],
          [
            'Mode',
            `${mode === 'contain' ? 'containment: the old value dies first' : 'continuity: consumers first'}${rollback ? ', consumers that break are put back' : ''}`,
          ],
        ]}
      />
    </SimpleGrid>
  );
}
