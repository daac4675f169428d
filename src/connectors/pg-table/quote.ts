// Names inside statements: whatever a name of the estate file holds, it stays a name.
import type { Table } from './config.ts';

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const tableName = ({ table }: Table): string => table.split('.').map(identifier).join('.');

/** `$1`, `$2`, … stand for the key in the order of `table.key`. Comparing in the column's own type lets the index be used. */
export const rowCondition = ({ key }: Table): string => key.map((column, n) => `${identifier(column)} = $${n + 1}`).join(' AND ');
