// The way of every import: read a stream, check every row, name all bad ones, and change nothing unless all are good or --partial was given.
import type { ImportReport } from '../domain/view.ts';
import { didYouMean } from '../estate/did-you-mean.ts';
import { type CellFinding, type Cells, type Column, Header } from './columns.ts';
import { type Place, readCsv } from './csv.ts';
import { decoded } from './decode.ts';
import { Findings } from './findings.ts';
import type { Inventory } from './port.ts';

export type ImportOptions = { readonly partial: boolean; readonly file: string };
export type ImportDeps = {
  readonly inventory: Inventory;
  /** Called inside the transaction, before it commits: the line in the evidence log. */
  readonly record?: (report: Omit<ImportReport, 'problems'> & { readonly what: string; readonly file: string }) => Promise<void>;
};

/** A row whose cells are sound and whose account was found. */
export type Good<Row> = { readonly account: string; readonly row: Row; readonly line: number };
export type ImportKind<Row> = {
  readonly what: 'owners' | 'consumers' | 'exposed' | 'people';
  readonly columns: readonly Column[];
  begin(): Promise<void>;
  /** Reads a row's own cells; findings make it a bad row. `has`: whether the header has the column. */
  read(
    cells: Cells,
    at: (column: string) => Place,
    has: (column: string) => boolean,
  ): { readonly row: Row; readonly found: readonly CellFinding[] };
  add(rows: readonly Good<Row>[]): Promise<void>;
  /** After the last row: takes out what clashes, then makes the rest true. Reports clashes; `apply` is false when nothing may change. */
  end(findings: Findings, mayApply: () => boolean, file: string): Promise<void>;
};

const batchRows = 1000;
/** Looking for the name somebody meant reads the inventory: done for the first few unknown names only. */
const suggestions = 20;

export function importCsv<Row>(
  deps: ImportDeps,
  kind: ImportKind<Row>,
  csv: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<ImportReport> {
  return deps.inventory.transaction(async () => {
    const systems = (await deps.inventory.systems.list()).filter((s) => s.role === 'system').map((s) => s.id);
    const findings = new Findings(options.file);
    const rows = readCsv(decoded(csv));
    const first = await rows.next();
    const header = new Header(first.done ? undefined : first.value, kind.columns, options.file);
    await kind.begin();
    let count = 0;
    let suggested = 0;
    let batch: Pending<Row>[] = [];
    const flush = async (): Promise<void> => {
      const matches = await deps.inventory.accounts.match(batch);
      const good: Good<Row>[] = [];
      for (const [n, pending] of batch.entries()) {
        const match = matches[n] ?? [];
        const [account] = match;
        if (account !== undefined && match.length === 1) good.push({ account, row: pending.row, line: pending.line });
        else
          findings.row([
            match.length > 1 ? ambiguous(pending, match.length) : await unknown(deps.inventory, pending, suggested++ < suggestions),
          ]);
      }
      if (good.length > 0) await kind.add(good);
      batch = [];
    };
    for await (const next of rows) {
      count++;
      if ('fault' in next) {
        findings.row([{ at: next.at, message: next.fault, hint: next.hint }]);
        continue;
      }
      const { cells, found, at } = header.read(next);
      const own = found.length > 0 ? undefined : kind.read(cells, at, (column) => header.has(column));
      const system = cells.system ?? '';
      const wrong = [...found, ...(own?.found ?? [])];
      if (found.length === 0 && !systems.includes(system))
        wrong.push({
          at: at('system'),
          message: `there is no system ${JSON.stringify(system.slice(0, 80))} with accounts`,
          hint: didYouMean(system, systems) ?? 'add it to rekey.yaml and run `rekey discover`',
        });
      if (wrong.length > 0 || own === undefined) findings.row(wrong);
      else if (batch.push({ system, account: cells.account ?? '', row: own.row, line: next.line, at: at('account') }) >= batchRows)
        await flush();
    }
    if (batch.length > 0) await flush();
    await kind.end(findings, () => options.partial || findings.badRows === 0, options.file);
    if (findings.badRows > 0 && !options.partial) throw findings.problem(count);
    const report = { rows: count, imported: count - findings.badRows };
    await deps.record?.({ ...report, what: kind.what, file: options.file });
    return { ...report, problems: findings.list };
  });
}

type Pending<Row> = { readonly system: string; readonly account: string; readonly row: Row; readonly line: number; readonly at: Place };

function ambiguous(pending: { readonly system: string; readonly account: string; readonly at: Place }, matches: number): CellFinding {
  const hint = `give its id or its full name instead: \`rekey account ls --where "system = ${pending.system}"\` shows them`;
  return { at: pending.at, message: `${name(pending)} names ${matches} accounts`, hint };
}

async function unknown(
  inventory: Inventory,
  pending: { readonly system: string; readonly account: string; readonly at: Place },
  suggest: boolean,
): Promise<CellFinding> {
  const similar = suggest ? didYouMean(pending.account, await inventory.accounts.similar(pending, 1000)) : undefined;
  const hint = similar?.startsWith('did')
    ? similar
    : `mend the name, or run \`rekey discover --system ${pending.system}\` if the account is new`;
  return { at: pending.at, message: `there is no account ${name(pending)}`, hint };
}

const name = (r: { readonly system: string; readonly account: string }): string => JSON.stringify(`${r.system}/${r.account.slice(0, 120)}`);
