// Reads CSV (RFC 4180) as a stream in flat memory and knows line and column of every cell. A broken row costs that row, never the ones after it.
// csv-parse was tried: it keeps no column of a cell, shows values in its errors, and loses the rest of the file after a stray quote.

export type Place = { readonly line: number; readonly column: number };
export type CsvRow = { readonly line: number; readonly cells: readonly string[]; place(cell: number): Place };
export type CsvFault = { readonly fault: string; readonly hint: string; readonly at: Place };

/** Longest row, in characters: an open quote is given up after this much. */
const maxRow = 128 * 1024;

/** Blank lines are skipped. A fault stands for one row; reading goes on with the line behind it. */
export async function* readCsv(text: AsyncIterable<string>): AsyncGenerator<CsvRow | CsvFault> {
  const held: Held = { text: '', ended: false };
  let start = 0;
  let line = 1;
  let skipping = false;
  for await (const chunk of withEnd(text)) {
    held.ended = chunk === undefined;
    held.text = held.text.slice(start) + (chunk ?? '');
    start = 0;
    while (start < held.text.length) {
      if (skipping) {
        const newline = held.text.indexOf('\n', start);
        start = newline < 0 ? held.text.length : newline + 1;
        skipping = newline < 0;
        continue;
      }
      const step = rowAt(held, start, line);
      if (step === 'more') break;
      if ('fault' in step.row || step.row.cells.length > 1 || step.row.cells[0] !== '') yield step.row;
      start = step.end;
      line = step.line;
      skipping = step.skip;
    }
  }
}

type Held = { text: string; ended: boolean };
/** `skip`: the line goes on behind what is held; none of it is a row. */
type Step = { readonly row: CsvRow | CsvFault; readonly end: number; readonly line: number; readonly skip: boolean };

async function* withEnd(text: AsyncIterable<string>): AsyncGenerator<string | undefined> {
  yield* text;
  yield undefined;
}

function rowAt(held: Held, start: number, line: number): Step | 'more' {
  const { text, ended } = held;
  const newline = text.indexOf('\n', start);
  const stop = newline < 0 ? text.length : newline;
  const quote = text.slice(start, stop).indexOf('"');
  if (quote >= 0) return quotedRow(held, start, line);
  if (newline < 0 && !ended && text.length - start <= maxRow) return 'more';
  if (stop - start > maxRow)
    return fault(held, start, { line, column: 1 }, start, 'the row is longer than 128 KiB', 'a line end is missing: check the file');
  const cells = text.slice(start, stop > start && text[stop - 1] === '\r' ? stop - 1 : stop).split(',');
  const place = (cell: number): Place => ({ line, column: cells.slice(0, cell).reduce((sum, c) => sum + c.length + 1, 1) });
  return { row: { line, cells, place }, end: Math.min(stop + 1, text.length), line: line + 1, skip: false };
}

function quotedRow(held: Held, start: number, line: number): Step | 'more' {
  const { text, ended } = held;
  const cells: string[] = [];
  const places: Place[] = [];
  let at = start;
  let now = line;
  let lineStart = start;
  for (;;) {
    const place = { line: now, column: at - lineStart + 1 };
    places.push(place);
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      if (end === undefined)
        return fault(
          held,
          start,
          place,
          at,
          'a quote is opened here and never closed',
          'close it, and double every quote inside a quoted cell',
        );
      const cell = text.slice(at + 1, end);
      for (let n = cell.indexOf('\n'); n >= 0; n = cell.indexOf('\n', n + 1)) {
        now++;
        lineStart = at + 1 + n + 1;
      }
      cells.push(cell.replaceAll('""', '"'));
      at = end + 1;
      if (text[at] === '\r' && (text[at + 1] ?? '\n') === '\n') at++;
      if (at >= text.length && !ended) return 'more';
    } else {
      const end = firstOf(text, at);
      if (end >= text.length && !ended)
        return text.length - start <= maxRow
          ? 'more'
          : fault(held, start, place, at, 'the row is longer than 128 KiB', 'a line end is missing: check the file');
      if (text[end] === '"') {
        const inside = { line: now, column: end - lineStart + 1 };
        return fault(
          held,
          start,
          inside,
          end,
          'a quote stands inside a cell that does not begin with one',
          'quote the whole cell and double the quotes inside it',
        );
      }
      cells.push(text.slice(at, end > at && text[end] !== ',' && text[end - 1] === '\r' ? end - 1 : end));
      at = end;
    }
    if (at >= text.length || text[at] === '\n')
      return {
        row: { line, cells, place: (cell) => places[cell] ?? { line, column: 1 } },
        end: Math.min(at + 1, text.length),
        line: now + 1,
        skip: false,
      };
    if (text[at] !== ',') {
      const behind = { line: now, column: at - lineStart + 1 };
      return fault(
        held,
        start,
        behind,
        at,
        'something follows the closing quote',
        'double every quote inside a quoted cell: "say ""hello"""',
      );
    }
    at++;
  }
}

function firstOf(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== ',' && text[at] !== '\n' && text[at] !== '"') at++;
  return at;
}

/** Index of the quote that closes; a doubled one does not. */
function closingQuote(text: string, from: number): number | undefined {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) if (text[at + 1] !== '"') return at;
  return undefined;
}

/** Reading goes on behind the line that holds `from`; waits for that line's end while the row may still grow. */
function fault(held: Held, start: number, at: Place, from: number, message: string, hint: string): Step | 'more' {
  const { text, ended } = held;
  const open = message.startsWith('a quote is opened');
  const newline = text.indexOf('\n', from);
  if (!ended && text.length - start <= maxRow && (open || newline < 0)) return 'more';
  return {
    row: { fault: message, hint, at },
    end: newline < 0 ? text.length : newline + 1,
    line: at.line + 1,
    skip: newline < 0 && !ended,
  };
}
