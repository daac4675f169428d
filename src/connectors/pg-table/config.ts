// What a PostgreSQL table store's block of the estate file may say: which tables and columns Rekey may touch, and no other.
import { z } from 'zod';
import { plainHosts, portOr, secretRef, tlsSettings } from '../../kit/settings.ts';

/** Three parts would be database.schema.table, which the server does not take. Quotes are ours to write. */
const tableName = z
  .string()
  .regex(/^[^."\0]+(\.[^."\0]+)?$/, 'a table as schema.table, without quotes')
  .transform((written) => (written.includes('.') ? written : `public.${written}`));
const column = z.string().min(1).max(63);

const table = z.strictObject({
  table: tableName.describe('schema.table; public is meant where no schema is written.'),
  key: z.array(column).min(1).describe('The columns that name one row. A unique index on them is expected.'),
  value: column.describe('The column that holds the secret as it is: text, varchar or the like.'),
});
export type Table = z.output<typeof table>;

export const config = z
  .strictObject({
    host: z.string().min(1).describe('The primary: a name, an address, or the folder of its unix socket.'),
    port: portOr(5432),
    database: z.string().min(1),
    user: z.string().min(1),
    password: secretRef,
    tls: tlsSettings,
    insecure: z.boolean().default(false).describe('Allow a connection without TLS to another machine: the secrets cross it in the clear.'),
    tables: z.array(table).min(1).describe('Every table consumers read secrets from. A ref can name no other table and no other column.'),
  })
  .check((context) => {
    const { host, tls, insecure, tables } = context.value;
    if (!insecure) context.issues.push(...plainHosts([{ path: ['host'], host }], tls));
    tables.forEach((each, n) => {
      const complain = (field: string, message: string): void => {
        context.issues.push({ code: 'custom', message, path: ['tables', n, field], input: each.table });
      };
      if (tables.findIndex((other) => other.table === each.table) < n)
        complain('table', 'each table stands once; a second secret column of it is a system of its own');
      if (each.key.includes(each.value)) complain('value', 'the column of the secret cannot name the row');
    });
  });
export type Config = z.output<typeof config>;
