// exposed.csv: accounts whose secret leaked, and the leaked values. A value is sealed with the batch it came in; no error, log or table ever shows it.
import type { ImportReport } from '../domain/view.ts';
import type { Column } from './columns.ts';
import { type Good, type ImportDeps, type ImportOptions, importCsv } from './import-csv.ts';
import type { Exposure, Leak, LeakSeal } from './port.ts';

const columns: readonly Column[] = [
  { name: 'system', required: true },
  { name: 'account', required: true },
  { name: 'secret', secret: true },
];

type Row = { readonly secret: string };

export function importExposed(
  deps: ImportDeps & { readonly seal: LeakSeal },
  csv: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<ImportReport> {
  const { exposure } = deps.inventory;
  return importCsv<Row>(
    deps,
    {
      what: 'exposed',
      columns,
      begin: async () => undefined,
      read: (cells) => ({ row: { secret: cells.secret ?? '' }, found: [] }),
      // Straight into the escrow: the transaction takes it back when the file turns out bad.
      add: async (rows) => {
        await exposure.expose([...new Set(rows.map((r) => r.account))]);
        const fresh = await newLeaks(exposure, deps.seal, rows);
        if (fresh.length > 0) await exposure.add(fresh);
      },
      end: async () => undefined,
    },
    csv,
    options,
  );
}

/** The same value twice for one account is one leak. Told by opening what is held: no hash of a secret is ever stored. */
async function newLeaks(exposure: Exposure, seal: LeakSeal, rows: readonly Good<Row>[]): Promise<Leak[]> {
  const withSecret = rows.filter((r) => r.row.secret !== '');
  if (withSecret.length === 0) return [];
  const held = new Map<string, Leak[]>();
  for (const leak of await exposure.leaks([...new Set(withSecret.map((r) => r.account))]))
    held.set(leak.account, [...(held.get(leak.account) ?? []), leak]);
  const fresh: Leak[] = [];
  for (const { account, row } of withSecret) {
    const value = Buffer.from(row.secret, 'utf8');
    const known = held.get(account) ?? [];
    let seen = false;
    for (const leak of known) seen ||= await seal.same(leak, value);
    if (!seen) {
      const version = (known.at(-1)?.version ?? 0) + 1;
      const leak = { account, version, ...(await seal.seal(account, version, value)) };
      held.set(account, [...known, leak]);
      fresh.push(leak);
    }
    value.fill(0);
  }
  return fresh;
}
