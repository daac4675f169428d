// The evidence logs in SQL: reads only what no open transaction can still precede, appends in the transaction it is called in.
import type { Evidence, StoredCheckpoint } from '../prove/port.ts';
import type { Sql } from './sql.ts';

/** 2,000 lines of about 250 bytes: half a megabyte in hand. */
const pageSize = 2000;

type EntryRow = { readonly xid: string; readonly seq: string; readonly line: string };

export function evidenceOf(sql: Sql): Evidence {
  return {
    async *pages(log) {
      let [xid, seq] = ['0', '0'];
      for (;;) {
        const rows = await sql.query<EntryRow>(
          `select e.xid::text as xid, e.seq::text as seq, e.line from entry e
           where e.log = (select key from log where name = $1) and (e.xid, e.seq) > ($2::xid8, $3::int8)
             and e.xid < pg_snapshot_xmin(pg_current_snapshot())
           order by e.xid, e.seq limit $4`,
          [log, xid, seq, pageSize],
        );
        const last = rows.at(-1);
        if (last === undefined) return;
        yield rows.map((row) => row.line);
        [xid, seq] = [last.xid, last.seq];
      }
    },
    async unsettled(log) {
      const [row] = await sql.query<{ n: string }>(
        `select count(*)::text as n from entry
         where log = (select key from log where name = $1) and xid >= pg_snapshot_xmin(pg_current_snapshot())`,
        [log],
      );
      return Number(row?.n ?? 0);
    },
    async checkpoints(log) {
      const rows = await sql.query<{ size: string; note: string; at: Date }>(
        'select c.size::text as size, c.note, c.at from checkpoint c join log l on l.key = c.log where l.name = $1 order by c.size',
        [log],
      );
      return rows.map((row): StoredCheckpoint => ({ size: Number(row.size), note: row.note, at: row.at }));
    },
    async saveCheckpoint(log, { size, note }) {
      await logKey(sql, log);
      // two provers that read the same prefix sign the same root: the first note stays
      await sql.query('insert into checkpoint (log, size, note) select key, $2, $3 from log where name = $1 on conflict do nothing', [
        log,
        size,
        note,
      ]);
    },
    async append(log, lines) {
      await appendEntries(sql, log, lines);
    },
  };
}

/** Inside a transaction the entries commit with the rest of it. */
export async function appendEntries(sql: Sql, log: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await sql.query('insert into entry (log, line) select $1, line from unnest($2::text[]) with ordinality as t (line, n) order by n', [
    await logKey(sql, log),
    lines,
  ]);
}

async function logKey(sql: Sql, name: string): Promise<number> {
  const find = () => sql.query<{ key: number }>('select key from log where name = $1', [name]);
  let [row] = await find();
  if (row === undefined) {
    await sql.query('insert into log (name) values ($1) on conflict do nothing', [name]);
    [row] = await find();
  }
  if (row === undefined) throw new Error(`log ${name} could not be created`);
  return row.key;
}
