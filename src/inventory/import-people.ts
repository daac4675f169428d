// people.csv: whose an account is, said by somebody who knows. It wins over what attributes would tell; two files that name two people are both kept.
import type { ImportReport } from '../domain/view.ts';
import type { Column } from './columns.ts';
import { type ImportDeps, type ImportOptions, importCsv } from './import-csv.ts';
import { reportClashes } from './import-owners.ts';

const columns: readonly Column[] = [
  { name: 'person', required: true },
  { name: 'system', required: true },
  { name: 'account', required: true },
];

/** A lone "-" as the person withdraws what this file said before. */
export function importPeople(deps: ImportDeps, csv: AsyncIterable<Uint8Array>, options: ImportOptions): Promise<ImportReport> {
  const { persons } = deps.inventory;
  return importCsv<{ readonly person: string }>(
    deps,
    {
      what: 'people',
      columns,
      begin: () => persons.open(),
      read: (cells) => ({ row: { person: cells.person ?? '' }, found: [] }),
      add: (rows) => persons.add(rows.map(({ line, account, row }) => ({ line, account, person: row.person }))),
      end: async (findings, mayApply, file) => {
        await reportClashes(findings, persons.clashes, 'the same account');
        if (mayApply()) await persons.apply(file);
      },
    },
    csv,
    options,
  );
}
