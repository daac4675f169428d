// Reads where a consumer's secret lives: table#column=value, with & between several key columns.
import { done, type Outcome, refused } from '../../kit/kit.ts';
import type { Config, Table } from './config.ts';

/** `key` has the values in the order of `table.key`. */
export type Place = { readonly ref: string; readonly table: Table; readonly key: readonly string[] };

export function placeOf(ref: string, config: Pick<Config, 'tables'>): Outcome<Place> {
  const bad = (why: string): Outcome<never> => refused('unsupported', `"${ref}" ${why}`);
  const hash = ref.indexOf('#');
  if (hash < 1 || hash === ref.length - 1) return bad('does not name a row; write table#id=7');
  const written = ref.slice(0, hash);
  const name = written.includes('.') ? written : `public.${written}`;
  const table = config.tables.find((each) => each.table === name);
  if (table === undefined)
    return bad(`names a table that this store does not list; listed are ${config.tables.map((each) => each.table).join(', ')}`);
  const given = new Map<string, string>();
  for (const pair of ref.slice(hash + 1).split('&')) {
    const equals = pair.indexOf('=');
    if (equals < 1) return bad(`has no = in "${pair}"; write ${shape(table)}`);
    const [column, value] = [decoded(pair.slice(0, equals)), decoded(pair.slice(equals + 1))];
    if (column === undefined || value === undefined) return bad('has a % that is no escape; write %25 for the character itself');
    if (given.has(column)) return bad(`names the column ${column} twice`);
    given.set(column, value);
  }
  const extra = [...given.keys()].find((column) => !table.key.includes(column));
  if (extra !== undefined) return bad(`names the column ${extra}, which is no key of ${table.table}; write ${shape(table)}`);
  const missing = table.key.find((column) => !given.has(column));
  if (missing !== undefined) return bad(`does not say ${missing}; write ${shape(table)}`);
  return done({ ref, table, key: table.key.map((column) => given.get(column) ?? '') });
}

const shape = (table: Table): string => `${table.table}#${table.key.map((column) => `${column}=…`).join('&')}`;

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
