// CSV that a spreadsheet opens without running anything: every cell is quoted, and none begins like a formula.

/** Excel, LibreOffice and Sheets take a leading = + - @, tab or line end for a formula; an apostrophe makes it text. */
export function csvRow(cells: readonly (string | number | null | undefined)[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[\s]*[=+\-@]|^[\t\r\n]/u.test(value) ? `'${value}` : value;
  return `"${text.replaceAll('"', '""')}"`;
}
