// One CSV line (RFC 4180) that a spreadsheet shows and never runs, on one line: names come from targets, and people open this file with a click.

export function csvLine(values: readonly unknown[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}

function cell(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const given = value === null || value === undefined ? '' : Array.isArray(value) ? value.join(' ') : String(value);
  const text = inert(given.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\ufffd'));
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A leading =, +, - or @ makes a formula of a cell in every spreadsheet; an apostrophe makes it text again. */
const inert = (text: string): string => (/^\s*[=+\-@]/.test(text) ? `'${text}` : text);
