// A selector as the conditions that `and` joins, so that a quick filter can add one and take it away without touching what somebody typed.

/** Top-level conditions; a text that is joined by `or`, or that cannot be split, is one condition. */
export function clausesOf(where: string): string[] {
  const text = where.trim();
  if (text === '' || text.toLowerCase() === 'all') return [];
  const parts: string[] = [];
  let [depth, quote, start] = [0, '', 0];
  for (let at = 0; at < text.length; at++) {
    const c = text[at] ?? '';
    if (quote !== '') {
      if (c === '\\') at++;
      else if (c === quote) quote = '';
    } else if (c === '"' || c === "'") quote = c;
    else if (c === '(') depth++;
    else if (c === ')') depth--;
    else if (depth === 0 && wordAt(text, at, 'or')) return [`(${text})`];
    else if (depth === 0 && wordAt(text, at, 'and')) {
      parts.push(text.slice(start, at).trim());
      start = at + 'and'.length;
    }
  }
  return depth === 0 && quote === '' ? [...parts, text.slice(start).trim()].filter((part) => part !== '') : [text];
}

function wordAt(text: string, at: number, word: string): boolean {
  const apart = (c: string | undefined): boolean => c === undefined || /[\s()]/.test(c);
  return text.slice(at, at + word.length).toLowerCase() === word && apart(text[at - 1]) && apart(text[at + word.length]);
}

export const joined = (clauses: readonly string[]): string => (clauses.length === 0 ? 'all' : clauses.join(' and '));

export function withClause(where: string, clause: string): string {
  const held = clausesOf(where);
  return held.includes(clause) ? where : joined([...held, clause]);
}

export function withoutClause(where: string, clause: string): string {
  return joined(clausesOf(where).filter((each) => each !== clause));
}

/** The value of a condition `field = value`, where the selector has one. */
export function valueIn(where: string, field: string): string | null {
  for (const clause of clausesOf(where)) {
    const match = new RegExp(`^${field}\\s*=\\s*(?:"([^"\\\\]*)"|([^\\s"()]+))$`).exec(clause);
    if (match !== null) return match[1] ?? match[2] ?? null;
  }
  return null;
}

/** Puts `field = value` in the place of another one; null takes it away. */
export function withValue(where: string, field: string, value: string | null): string {
  const rest = clausesOf(where).filter((clause) => valueIn(clause, field) === null);
  return joined(value === null ? rest : [...rest, `${field} = ${quoted(value)}`]);
}

/** A value as the selector language takes it: a plain word as it is, anything else in quotes. */
export function quoted(value: string): string {
  return /^[A-Za-z0-9][A-Za-z0-9_.@-]*$/.test(value) ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** A selector that names exactly these rows, as far as their names go. */
export function selectorOf(rows: readonly { readonly system: string; readonly account: string }[]): string {
  const systems = [...new Set(rows.map((row) => row.system))];
  const parts = systems.map((system) => {
    const names = [...new Set(rows.filter((row) => row.system === system).map((row) => row.account))].map(quoted);
    return `system = ${quoted(system)} and ${names.length === 1 ? `name = ${names[0]}` : `name in (${names.join(', ')})`}`;
  });
  return parts.length === 1 ? (parts[0] ?? 'all') : parts.map((part) => `(${part})`).join(' or ');
}
