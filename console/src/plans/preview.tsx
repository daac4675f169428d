// The first few accounts a selector names, so that a wrong condition is seen before it is a plan.
import { List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, got } from '../api/client.ts';
import { number } from '../words/times.ts';

const most = 5;

export function Preview({ where, total }: { readonly where: string; readonly total: number | undefined }) {
  const first = useQuery({
    queryKey: ['accounts', 'preview', where],
    queryFn: ({ signal }) => got(api.GET('/v1/accounts', { params: { query: { where, limit: most } }, signal })),
  });
  const items = first.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <div>
      <List size="sm" listStyleType="none" aria-label="The first accounts that match">
        {items.map(({ system, id, account, tier, owner, blockers }) => (
          <List.Item key={`${system}/${id}`}>
            {system}/{account}, tier {tier}, {owner ?? 'no single owner'}
            {blockers.length === 0 ? '' : `; would be left out: ${blockers.join(', ')}`}
          </List.Item>
        ))}
      </List>
      <Text size="sm">
        {total !== undefined && total > items.length ? `and ${number(total - items.length)} more. ` : ''}
        <Link to="/accounts" search={{ where }}>
          See all of them
        </Link>
      </Text>
    </div>
  );
}
