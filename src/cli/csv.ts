// One CSV line (RFC 4180). Control characters are taken out: a CSV is opened on terminals and in spreadsheets.
import { clean } from './terminal.ts';

export function csvLine(values: readonly unknown[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}

function cell(value: unknown): string {
  const text = clean(value === null || value === undefined ? '' : Array.isArray(value) ? value.join(' ') : String(value));
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
