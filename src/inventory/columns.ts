// The header row of an import and the cells below it: which column is which, and what no cell may hold.
import { Problem } from '../domain/problem.ts';
import { didYouMean } from '../estate/did-you-mean.ts';
import type { CsvFault, CsvRow, Place } from './csv.ts';

export type Column = {
  readonly name: string;
  /** The header must have it, and no cell of it may be empty. */
  readonly required?: boolean;
  /** Kept to the last character and never shown. */
  readonly secret?: boolean;
};
export type CellFinding = { readonly at: Place; readonly message: string; readonly hint: string };
/** Cells by column name; '' where the file has no such column. */
export type Cells = Readonly<Record<string, string>>;

const longest = 4096;

export class Header {
  readonly #columns: readonly Column[];
  readonly #order: readonly (Column | undefined)[];

  /** Throws invalid-import with every finding: without a sound header no row can be read. */
  constructor(row: CsvRow | CsvFault | undefined, columns: readonly Column[], file: string) {
    this.#columns = columns;
    const expected = `the first row names the columns: ${columns.map((c) => (c.required ? c.name : `[${c.name}]`)).join(',')}`;
    const at = (place: Place) => `${file}:${place.line}:${place.column}`;
    if (row === undefined) throw new Problem('invalid-import', { place: `${file}:1:1`, message: 'the file is empty', hint: expected });
    if ('fault' in row) throw new Problem('invalid-import', { place: at(row.at), message: row.fault, hint: row.hint });
    const names = row.cells.map((cell) => cell.trim().toLowerCase());
    const separator = ([';', '\t', '|'] as const).find((s) => names.length === 1 && (names[0] ?? '').includes(s));
    if (separator) {
      const hint = 'save it as CSV with commas';
      throw new Problem('invalid-import', {
        place: `${file}:${row.line}:1`,
        message: `cells are separated by ${separator === '\t' ? 'tabs' : `"${separator}"`}, not by commas`,
        hint,
      });
    }
    if (names.some((n) => n.includes('\r')))
      throw new Problem('invalid-import', {
        place: `${file}:${row.line}:1`,
        message: 'lines end in CR alone',
        hint: 'save the file with LF or CRLF line ends',
      });
    this.#order = names.map((name) => columns.find((c) => c.name === name));
    // A file without its header begins with data, and that may be a secret: nothing of it is shown.
    if (this.#order.every((c) => c === undefined))
      throw new Problem('invalid-import', { place: `${file}:${row.line}:1`, message: 'the first row is no header', hint: expected });
    const holdsSecrets = columns.some((c) => c.secret);
    const unused = columns.map((c) => c.name).filter((name) => !names.includes(name));
    const found = names.flatMap((name, n) => {
      const place = at(row.place(n));
      if (this.#order[n] === undefined) {
        const message = holdsSecrets ? 'unknown column' : `unknown column ${JSON.stringify(name.slice(0, 60))}`;
        return [{ place, message, hint: didYouMean(name, unused) ?? expected }];
      }
      if (names.indexOf(name) === n) return [];
      return [{ place, message: `column ${name} stands here for the second time`, hint: 'remove one of the two' }];
    });
    const absent = columns
      .filter((c) => c.required && !names.includes(c.name))
      .map((c) => ({ place: `${file}:${row.line}:1`, message: `there is no column ${c.name}`, hint: expected }));
    const all = [...found, ...absent];
    const [only] = all;
    if (only)
      throw new Problem(
        'invalid-import',
        all.length === 1 ? only : { place: only.place, message: `the header row has ${all.length} errors`, hint: expected },
        all,
      );
  }

  has(name: string): boolean {
    return this.#order.some((c) => c?.name === name);
  }

  /** Cells by name, trimmed, with everything wrong with them. Place of a column: `at(name)`. */
  read(row: CsvRow): { readonly cells: Cells; readonly found: CellFinding[]; at(name: string): Place } {
    const found: CellFinding[] = [];
    const cells: Record<string, string> = Object.fromEntries(this.#columns.map((c) => [c.name, '']));
    const at = (name: string): Place =>
      row.place(
        Math.max(
          0,
          this.#order.findIndex((c) => c?.name === name),
        ),
      );
    const width = this.#order.length;
    if (row.cells.length !== width) {
      const extra = row.cells.length > width;
      const hint = extra ? 'quote a cell that holds a comma: "a, b"' : 'leave cells empty, but keep their commas';
      const place = extra ? row.place(width) : { line: row.line, column: 1 };
      return { cells, found: [{ at: place, message: `the row has ${row.cells.length} cells, the header ${width}`, hint }], at };
    }
    for (const [n, column] of this.#order.entries()) {
      if (!column) continue;
      const raw = row.cells[n] ?? '';
      const cell = column.secret ? raw : raw.trim();
      const wrong = cellFinding(cell, column);
      if (wrong) found.push({ at: row.place(n), ...wrong });
      cells[column.name] = cell;
    }
    return { cells, found, at };
  }
}

function cellFinding(cell: string, { name, required, secret }: Column): Omit<CellFinding, 'at'> | undefined {
  if (required && cell === '') return { message: `${name} is empty`, hint: `give the ${name}, or remove the row` };
  if (cell.length > longest)
    return { message: `${name} is longer than ${longest} characters`, hint: 'check for a missing quote or line end before it' };
  if (cell.includes('\0')) return { message: `${name} holds a NUL character`, hint: 'save the file as plain text' };
  if (cell.includes('\uFFFD')) return { message: `${name} holds bytes that are not UTF-8`, hint: 'save the file as UTF-8' };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (!secret && /[\x01-\x1f\x7f]/.test(cell))
    return { message: `${name} holds a line break or another control character`, hint: 'a quote is missing, or remove the character' };
  return undefined;
}
