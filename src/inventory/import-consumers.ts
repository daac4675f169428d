// consumers.csv: every place a credential is used. A consumer whose store nobody can write to is refused here, not discovered in the middle of a run.
import type { ImportReport } from '../domain/view.ts';
import { didYouMean } from '../estate/did-you-mean.ts';
import type { CellFinding, Cells, Column } from './columns.ts';
import type { Place } from './csv.ts';
import { type ImportDeps, type ImportOptions, importCsv } from './import-csv.ts';
import { filled, reportClashes, shown } from './import-owners.ts';
import type { ConsumerRow } from './port.ts';

const columns: readonly Column[] = [
  { name: 'system', required: true },
  { name: 'account', required: true },
  { name: 'consumer', required: true },
  { name: 'store', required: true },
  { name: 'ref', required: true },
  { name: 'owner' },
  { name: 'reload' },
  { name: 'health' },
];

/** Stores a consumer may read from: systems of the estate with role store, and store connectors that need no settings (`file`). */
export type Stores = { isStore(id: string): boolean; readonly known: readonly string[] };
type Row = Omit<ConsumerRow, 'line' | 'account'>;

export function importConsumers(
  deps: ImportDeps & { readonly stores: Stores },
  csv: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<ImportReport> {
  const stage = deps.inventory.consumers;
  return importCsv<Row>(
    deps,
    {
      what: 'consumers',
      columns,
      begin: () => stage.open(),
      read: (cells, at) => read(cells, at, deps.stores),
      add: (rows) => stage.add(rows.map(({ line, account, row }) => ({ line, account, ...row }))),
      end: async (findings, mayApply, file) => {
        await reportClashes(findings, stage.clashes, 'the same account and consumer');
        if (mayApply()) await stage.apply(file);
      },
    },
    csv,
    options,
  );
}

function read(cells: Cells, at: (column: string) => Place, stores: Stores): { row: Row; found: readonly CellFinding[] } {
  const store = cells.store ?? '';
  const found: CellFinding[] = [];
  if (!stores.isStore(store)) {
    const hint = didYouMean(store, stores.known) ?? 'add a system with a store connector to rekey.yaml, or use file';
    found.push({ at: at('store'), message: `there is no store ${shown(store)}`, hint });
  }
  const row = {
    consumer: cells.consumer ?? '',
    store,
    ref: cells.ref ?? '',
    owner: filled(cells.owner),
    reload: filled(cells.reload),
    health: filled(cells.health),
  };
  return { row, found };
}
