// owners.csv: who answers for an account. Two owners are kept, both of them, and block every plan until one is withdrawn.
import { type Kind, kinds, type Tier } from '../domain/account.ts';
import type { ImportReport } from '../domain/view.ts';
import { didYouMean } from '../estate/did-you-mean.ts';
import type { CellFinding, Cells, Column } from './columns.ts';
import type { Place } from './csv.ts';
import type { Findings } from './findings.ts';
import { type ImportDeps, type ImportOptions, importCsv } from './import-csv.ts';
import type { Clash, OwnerRow } from './port.ts';

const columns: readonly Column[] = [
  { name: 'system', required: true },
  { name: 'account', required: true },
  { name: 'identity' },
  { name: 'kind' },
  { name: 'owner' },
  { name: 'manager' },
  { name: 'tier' },
  { name: 'tags' },
];

type Row = Omit<OwnerRow, 'line' | 'account'>;

/** An empty cell says nothing, except in `owner`: there it withdraws what this file said before. A lone "-" in `tags` takes all tags away. */
export function importOwners(deps: ImportDeps, csv: AsyncIterable<Uint8Array>, options: ImportOptions): Promise<ImportReport> {
  const stage = deps.inventory.owners;
  return importCsv<Row>(
    deps,
    {
      what: 'owners',
      columns,
      begin: () => stage.open(),
      read,
      add: (rows) => stage.add(rows.map(({ line, account, row }) => ({ line, account, ...row }))),
      end: async (findings, mayApply, file) => {
        await reportClashes(findings, stage.clashes, 'the same account and owner');
        if (mayApply()) await stage.apply(file);
      },
    },
    csv,
    options,
  );
}

function read(cells: Cells, at: (column: string) => Place): { row: Row; found: readonly CellFinding[] } {
  const found: CellFinding[] = [];
  const kind = (cells.kind ?? '').toLowerCase();
  const tier = cells.tier ?? '';
  const tags = cells.tags ?? '';
  if (kind !== '' && !(kinds as readonly string[]).includes(kind))
    found.push({
      at: at('kind'),
      message: `${shown(kind)} is no kind of account`,
      hint: didYouMean(kind, kinds) ?? `use one of ${kinds.join(', ')}`,
    });
  if (!/^[0-3]?$/.test(tier))
    found.push({
      at: at('tier'),
      message: `${shown(tier)} is no tier`,
      hint: 'use 0 (control plane), 1, 2 or 3 (long tail), or leave it empty',
    });
  const row = {
    identity: filled(cells.identity),
    kind: kind === '' ? null : (kind as Kind), // checked against kinds above
    owner: filled(cells.owner),
    manager: filled(cells.manager),
    tier: tier === '' ? null : (Number(tier) as Tier), // 0 to 3 by the pattern above
    tags: tags === '' ? null : tags === '-' ? [] : tags.split(/[;\s]+/).filter((tag) => tag !== ''),
  };
  return { row, found };
}

/** Rows about one thing: the first stands, later ones are bad rows. */
export async function reportClashes(
  findings: Findings,
  clashes: (limit: number) => Promise<{ readonly count: number; readonly rows: readonly Clash[] }>,
  thing: string,
): Promise<void> {
  const { count, rows } = await clashes(findings.room);
  for (const { line, first, same } of rows)
    findings.row([
      {
        at: { line, column: 1 },
        message: same ? `the row repeats line ${first}` : `the row contradicts line ${first} about ${thing}`,
        hint: same ? 'remove one of the two' : 'keep the row that is right',
      },
    ]);
  findings.more(count - rows.length);
}

export const filled = (cell: string | undefined): string | null => (cell === undefined || cell === '' ? null : cell);
export const shown = (cell: string): string => JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}…` : cell);
