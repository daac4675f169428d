// What is wrong with an import: every bad row is counted, the first thousand in file order are kept.
import { Problem } from '../domain/problem.ts';
import type { ImportReport } from '../domain/view.ts';
import type { Place } from './csv.ts';

export type Finding = ImportReport['problems'][number];

const mostKept = 1000;

export class Findings {
  readonly #file: string;
  readonly #kept: (Finding & { readonly line: number; readonly column: number })[] = [];
  badRows = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** One bad row with everything found in it. */
  row(found: readonly { readonly at: Place; readonly message: string; readonly hint: string }[]): void {
    this.badRows++;
    for (const { at, message, hint } of found) {
      if (this.#kept.length < mostKept) this.#kept.push({ place: `${this.#file}:${at.line}:${at.column}`, message, hint, ...at });
    }
  }

  /** Bad rows that are only counted: their like are kept already. */
  more(rows: number): void {
    this.badRows += rows;
  }

  get room(): number {
    return mostKept - this.#kept.length;
  }

  get list(): readonly Finding[] {
    return [...this.#kept]
      .sort((a, b) => a.line - b.line || a.column - b.column)
      .map(({ place, message, hint }) => ({ place, message, hint }));
  }

  problem(rows: number): Problem {
    const { list } = this;
    const unlisted = this.badRows > list.length ? `; the first ${list.length} findings are listed` : '';
    return new Problem(
      'invalid-import',
      {
        message: `${this.badRows} of ${rows} rows of ${this.#file} are bad; nothing was imported${unlisted}`,
        hint: 'mend them and import again, or import the good rows with --partial',
        ...(list[0] ? { place: list[0].place } : {}),
      },
      list,
    );
  }
}
