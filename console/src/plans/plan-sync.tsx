// Groups of systems on which one person has one value: what all of them allow, and where the target makes its own.
import { List, Text } from '@mantine/core';
import { count } from '../words/times.ts';
import type { Plan } from './plan-words.ts';

export function PlanSync({ groups }: { readonly groups: Plan['sync'] }) {
  return (
    <>
      {groups.map(({ name, systems, form, accounts, order }) => (
        <div key={name}>
          <Text size="sm">
            <b>{name}</b>: {count(accounts, 'account')} with one value for each person.{' '}
            {form === null ? <b>No value fits all of it.</b> : `${form.length} characters, ${form.demanded.join(', ') || 'any kind'}.`}{' '}
            {order}
          </Text>
          <List size="sm" listStyleType="none" withPadding>
            {systems.map(({ system, takes, policy }) => (
              <List.Item key={system}>
                {system}: {takes === 'value' ? policy : 'makes its own value, and counts for the verdict'}
              </List.Item>
            ))}
          </List>
        </div>
      ))}
    </>
  );
}
