// Who approved this plan and how many are still needed. Approving itself is done on its own screen.
import { List, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Since } from '../words/since.tsx';
import type { Plan } from './plan-words.ts';

export function Approvals({ plan: { id, approvals } }: { readonly plan: Plan }) {
  const { needed, given } = approvals;
  const left = Math.max(0, needed - given.length);
  return (
    <div>
      <Text size="sm" fw={600}>
        {given.length > needed ? `${given.length} approvals; ${needed} needed.` : `${given.length} of ${needed} approvals.`}{' '}
        {left === 0 ? null : (
          <Link to="/approvals/$subject" params={{ subject: id }}>
            {left} more needed
          </Link>
        )}
      </Text>
      <List size="sm" listStyleType="none">
        {given.map(({ name, method, at }) => (
          <List.Item key={name}>
            ✓ {name}, by {method === 'passkey' ? 'passkey' : 'SSH signature'}, <Since at={at} exact />
          </List.Item>
        ))}
      </List>
    </div>
  );
}
