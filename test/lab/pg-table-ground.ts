// What the suites of the table store stand on: a lab PostgreSQL with a settings table, the README's rights, and an open connector.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type LabPostgres, startPostgres } from '../../lab/postgres.ts';
import { pgTable } from '../../src/connectors/pg-table/pg-table.ts';
import type { AccountRef, Connection, Io } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';

const own = 'own-Password-of-the-store';
export const account: AccountRef = { system: 'mail', id: '1', name: 'app' };

export type Ground = {
  readonly dir: string;
  readonly lab: LabPostgres;
  open(more?: object, io?: Partial<Io>): Promise<Required<Pick<Connection, 'check' | 'storeConsumer'>> & AsyncDisposable>;
  /** Makes a row of app.settings and names it. */
  row(old: string): Promise<{ readonly id: number; readonly ref: string }>;
  value(id: number): Promise<unknown>;
  log(): string;
  stop(): Promise<void>;
};

export async function ground(): Promise<Ground> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-pgt-'));
  const lab = await startPostgres({
    dir,
    roles: [],
    settings: { log_min_duration_statement: '0', log_parameter_max_length_on_error: '-1' },
  });
  await lab.sql(`CREATE SCHEMA app;
    CREATE TABLE app.settings (id serial PRIMARY KEY, owner text DEFAULT 'olga', password varchar(60), CONSTRAINT no_spaces CHECK (password !~ ' '))`);
  await lab.sql(readmeSql());
  await lab.sql(`ALTER ROLE rekey_store PASSWORD '${own}'`);
  return {
    dir,
    lab,
    open: (more = {}, io = {}) =>
      pgTable.open(
        pgTable.config.parse({
          host: lab.host,
          port: lab.port,
          database: 'postgres',
          user: 'rekey_store',
          password: { env: 'UNUSED' },
          tables: [{ table: 'app.settings', key: ['id'], value: 'password' }],
          ...more,
        }),
        {
          system: 'settings',
          timeoutMs: 3000,
          signal: new AbortController().signal,
          now: () => new Date(),
          resolve: async () => secretOf('own', own),
          path: (relative) => resolve(dir, relative),
          ...io,
        },
      ),
    row: async (old) => {
      const [made] = await lab.sql('INSERT INTO app.settings (password) VALUES ($1) RETURNING id', [old]);
      return { id: Number(made?.id), ref: `app.settings#id=${made?.id}` };
    },
    value: async (id) => (await lab.sql('SELECT password FROM app.settings WHERE id = $1', [id]))[0]?.password,
    log: () => readFileSync(lab.logFile, 'utf8'),
    stop: async () => {
      await lab.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The SQL of the README: what people are told to run is what is tested. */
function readmeSql(): string {
  const readme = readFileSync(new URL('../../src/connectors/pg-table/README.md', import.meta.url), 'utf8');
  const sql = /```sql\n([\s\S]*?)```/.exec(readme)?.[1];
  if (sql === undefined) throw new Error('the README has no SQL');
  return sql.replace('DATABASE app', 'DATABASE postgres');
}
