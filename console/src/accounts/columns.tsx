// What the list of accounts can show of each: the column's words, its width, and whether the server sorts by it.
import { Text } from '@mantine/core';
import { columnVisibilityFeature, createColumnHelper, tableFeatures } from '@tanstack/react-table';
import type { Schemas } from '../api/client.ts';
import { Since } from '../words/since.tsx';
import { Marks } from './marks.tsx';
import type { SortBy } from './sort.ts';

export type Account = Schemas['Account'];
export const features = tableFeatures({ columnVisibilityFeature });
const helper = createColumnHelper<typeof features, Account>();

export const columns = helper.columns([
  helper.accessor('account', {
    header: 'Account',
    cell: ({ getValue }) => (
      <Text span inherit fw={600}>
        {getValue()}
      </Text>
    ),
  }),
  helper.accessor('system', { header: 'System' }),
  helper.accessor('tier', { header: 'Tier' }),
  helper.accessor('kind', { header: 'Kind' }),
  helper.accessor('owner', { header: 'Owner', cell: ({ getValue }) => getValue() ?? <Marks marks={['no owner']} /> }),
  helper.display({ id: 'marks', header: 'Marks', cell: ({ row }) => <Marks marks={marksOf(row.original)} /> }),
  helper.accessor('lastChangedAt', {
    id: 'changed',
    header: 'Last change',
    cell: ({ getValue }) => {
      const at = getValue();
      return at === null ? 'not known' : <Since at={at} />;
    },
  }),
  helper.accessor((account) => account.consumers.length, { id: 'consumers', header: 'Consumers' }),
  helper.accessor((account) => account.person ?? account.identity ?? '', { id: 'person', header: 'Person' }),
  helper.accessor('managed', { header: 'Managed' }),
  helper.accessor('version', { header: 'Version', cell: ({ getValue }) => (getValue() === 0 ? 'never by Rekey' : `v${getValue()}`) }),
  helper.accessor((account) => account.tags.join(' '), { id: 'tags', header: 'Tags' }),
]);

export const columnIds: readonly string[] = [
  'account',
  'system',
  'tier',
  'kind',
  'owner',
  'marks',
  'changed',
  'consumers',
  'person',
  'managed',
  'version',
  'tags',
];
export const columnNames: Readonly<Record<string, string>> = {
  account: 'Account',
  system: 'System',
  tier: 'Tier',
  kind: 'Kind',
  owner: 'Owner',
  marks: 'Marks',
  changed: 'Last change',
  consumers: 'Consumers',
  person: 'Person',
  managed: 'Managed',
  version: 'Version',
  tags: 'Tags',
};
/** Pixels; the account takes what is left. */
export const widths: Readonly<Record<string, string>> = {
  account: 'minmax(180px, 2fr)',
  system: 'minmax(110px, 1fr)',
  tier: '60px',
  kind: '100px',
  owner: 'minmax(150px, 1.4fr)',
  marks: 'minmax(150px, 1.2fr)',
  changed: '136px',
  consumers: '110px',
  person: 'minmax(130px, 1fr)',
  managed: '100px',
  version: '120px',
  tags: 'minmax(110px, 1fr)',
};
/** Figures line up by their last digit. */
export const numeric: ReadonlySet<string> = new Set(['tier', 'consumers']);
export const sortable: Readonly<Record<string, SortBy>> = {
  account: 'account',
  tier: 'tier',
  kind: 'kind',
  owner: 'owner',
  changed: 'changed',
};

export const usual = ['account', 'system', 'tier', 'kind', 'owner', 'marks', 'changed', 'consumers'] as const;
/** On a telephone: who, and what is the matter. */
export const narrow = ['account', 'marks'] as const;

function marksOf({ blockers, exposed, privileged, shared, enabled }: Account): string[] {
  return [
    ...(exposed ? ['exposed'] : []),
    ...(privileged ? ['privileged'] : []),
    ...(shared ? ['shared'] : []),
    ...(enabled ? [] : ['disabled']),
    ...blockers.filter((b) => b !== 'shared' && b !== 'no-owner').map((b) => b.replaceAll('-', ' ')),
  ];
}
