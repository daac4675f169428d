// The port through which repositories speak SQL. One dialect: PostgreSQL, embedded or served.

export interface Sql {
  /** Parameters by $1…; int8 comes back as string, timestamptz as Date. Statements with parameters are prepared by name. */
  query<Row>(text: string, params?: readonly unknown[]): Promise<Row[]>;
}

export interface Store extends Sql {
  readonly kind: 'pglite' | 'postgres';
  /** How many batched flushes may run at once: 1 embedded, more on a served PostgreSQL. */
  readonly flushes: number;
  /** All statements of `work`, also those of libraries called inside it, join one transaction; rolls back when it throws. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Reads on a connection other than the one that wrote, where there is one: for reading back what was committed. */
  readonly fresh: Sql;
  /** Raw driver call for pg-boss: joins the current transaction like every other statement. */
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  close(): Promise<void>;
}
