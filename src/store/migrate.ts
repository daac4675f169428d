// Brings a database to this program's schema: numbered files, each in one transaction, under a lock; never edits history, never goes back.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { QueryResult } from 'pg';
import { Problem } from '../domain/problem.ts';

/** One connection, for the length of the migration: the lock belongs to its session. */
export type Session = { query(text: string, values?: unknown[]): Promise<QueryResult> };
export type Migration = { readonly n: number; readonly name: string; readonly sha256: string; readonly sql: string };

/** "rekey" in ASCII, cut to what fits: any number, the same in every process. */
const lockKey = 0x72656b65;
const lockWaitMs = 120_000;

export const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url));

export async function readMigrations(folder = migrationsFolder): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return await Promise.all(
    files.map(async (file, i) => {
      const n = Number(/^(\d{4})_[a-z0-9-]+\.sql$/.exec(file)?.[1]);
      if (n !== i + 1)
        throw new Problem('internal', {
          message: `Migration ${i + 1} is missing: found ${file}.`,
          place: join(folder, file),
          hint: 'Name files NNNN_name.sql, numbered from 0001 without gaps.',
        });
      const bytes = await readFile(join(folder, file));
      return { n, name: file.slice(0, -4), sha256: createHash('sha256').update(bytes).digest('hex'), sql: bytes.toString('utf8') };
    }),
  );
}

/** Returns how many were applied now. Safe to call from several processes at once. */
export async function migrate(session: Session, folder?: string): Promise<number> {
  const known = await readMigrations(folder);
  await lock(session);
  try {
    await session.query(
      'create table if not exists migration (n int4 primary key, name text not null, sha256 text not null, at timestamptz not null default now())',
    );
    const { rows } = await session.query('select n, name, sha256 from migration order by n');
    const applied = rows as { n: number; name: string; sha256: string }[]; // the query above names the columns
    for (const old of applied) refuseForeign(old, known);
    const pending = known.slice(applied.length);
    for (const migration of pending) await apply(session, migration);
    return pending.length;
  } finally {
    // Fails only when the connection is gone, and then the lock went with it.
    await session.query('select pg_advisory_unlock($1::int8)', [lockKey]).catch(() => undefined);
  }
}

function refuseForeign(old: { n: number; name: string; sha256: string }, known: readonly Migration[]): void {
  const mine = known[old.n - 1];
  if (!mine)
    throw new Problem('invalid-config', {
      message: `The database is newer than this program: it has migration ${old.name}, this program knows ${known.length}.`,
      place: 'store',
      hint: 'Install the newer Rekey; an older one must not write to this database.',
    });
  if (mine.sha256 !== old.sha256 || mine.name !== old.name)
    throw new Problem('invalid-config', {
      message: `Migration ${old.name} was applied with other content than this program's ${mine.name}.`,
      place: `store/migrations/${mine.name}.sql`,
      hint: 'Install a released Rekey, or restore the file as it was: an applied migration never changes.',
    });
}

async function lock(session: Session): Promise<void> {
  const end = Date.now() + lockWaitMs;
  for (;;) {
    const { rows } = await session.query('select pg_try_advisory_lock($1::int8) as held', [lockKey]);
    if ((rows[0] as { held: boolean }).held) return;
    if (Date.now() > end)
      throw new Problem('conflict', {
        message: `Another process has been migrating this database for ${lockWaitMs / 1000} s.`,
        place: 'store',
        hint: "Wait for it, or end its session: select pid from pg_locks where locktype = 'advisory'.",
      });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function apply(session: Session, migration: Migration): Promise<void> {
  await session.query('begin');
  try {
    await session.query(migration.sql);
    await session.query('insert into migration (n, name, sha256) values ($1, $2, $3)', [migration.n, migration.name, migration.sha256]);
    await session.query('commit');
  } catch (error) {
    await session.query('rollback').catch(() => undefined);
    throw new Problem('internal', {
      message: `Migration ${migration.name} failed: ${error instanceof Error ? error.message : String(error)}`,
      place: `store/migrations/${migration.name}.sql`,
      hint: 'Nothing of it was kept. Report it with the PostgreSQL version.',
    });
  }
}
