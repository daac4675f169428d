// What the address of the list says: filter, order, columns, the opened account. Nothing of it is kept anywhere else, so a link shows the same list.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { columnIds } from './columns.tsx';
import { type Sort, sorts } from './sort.ts';

export type Address = {
  readonly where: string;
  readonly sort: Sort;
  /** null: as many as fit. */
  readonly columns: readonly string[] | null;
  readonly open: { readonly system: string; readonly id: string } | null;
};

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

export function addressOf(search: Record<string, unknown>): Address {
  const [way, by] = text(search.sort).startsWith('-') ? ['-', text(search.sort).slice(1)] : ['', text(search.sort)];
  const known = sorts.find((each) => each === by) ?? 'account';
  const columns = text(search.columns)
    .split(',')
    .filter((id) => columnIds.includes(id));
  const [system = '', ...id] = text(search.open).split('/');
  return {
    where: text(search.where).trim() || 'all',
    sort: `${way}${known}` as Sort, // a `-` or nothing before one of the sorts
    columns: columns.length === 0 ? null : columns,
    open: system === '' || id.length === 0 ? null : { system, id: id.join('/') },
  };
}

export type Change = {
  readonly where?: string;
  readonly sort?: Sort;
  readonly columns?: readonly string[] | null;
  readonly open?: Address['open'];
};

export function useAddress(): readonly [Address, (change: Change) => void] {
  const search: Record<string, unknown> = useSearch({ strict: false });
  const navigate = useNavigate();
  const go = (change: Change): void => {
    const next = { ...addressOf(search), ...change };
    void navigate({
      to: '/accounts',
      replace: change.open === undefined,
      search: {
        ...(next.where === 'all' ? {} : { where: next.where }),
        ...(next.sort === 'account' ? {} : { sort: next.sort }),
        ...(next.columns === null ? {} : { columns: next.columns.join(',') }),
        ...(next.open === null ? {} : { open: `${next.open.system}/${next.open.id}` }),
      },
    });
  };
  return [addressOf(search), go];
}
