// What is selected: some rows by hand, or everything a filter names. The two are never mixed, because a number without its filter says nothing.
import type { Account } from './columns.tsx';

export type Selected =
  | { readonly kind: 'some'; readonly rows: ReadonlyMap<string, Account> }
  | { readonly kind: 'all'; readonly where: string };

export const nothing: Selected = { kind: 'some', rows: new Map() };
export const keyOf = (account: Pick<Account, 'system' | 'id'>): string => `${account.system}/${account.id}`;

export function holds(selected: Selected, account: Account): boolean {
  return selected.kind === 'all' || selected.rows.has(keyOf(account));
}

/** Taking one row away from everything leaves nothing: what would be left cannot be said as a filter. */
export function toggled(selected: Selected, account: Account): Selected {
  if (selected.kind === 'all') return nothing;
  const rows = new Map(selected.rows);
  if (!rows.delete(keyOf(account))) rows.set(keyOf(account), account);
  return { kind: 'some', rows };
}
