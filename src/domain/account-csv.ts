// Accounts as CSV: the same columns at every door, so that a sheet made of one reads the other.
import { csvLine } from './csv-line.ts';
import type { AccountView } from './view.ts';

const columns = [
  'system',
  'account',
  'id',
  'identity',
  'kind',
  'owner',
  'managed',
  'tier',
  'tags',
  'privileged',
  'shared',
  'enabled',
  'exposed',
  'lastChangedAt',
  'version',
  'blockers',
  'person',
] as const satisfies readonly (keyof AccountView)[];

export const accountCsvHead = csvLine([...columns, 'consumers']);

export function accountCsvLine(account: AccountView): string {
  return csvLine([...columns.map((column) => account[column]), account.consumers.map(({ consumer }) => consumer)]);
}
