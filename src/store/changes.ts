// What changed since a reader last looked: read from the notes the tables leave and from the runs' own logs, never past an open transaction.
import type { Change, Changes } from '../http/port.ts';
import { ownItem } from './own.ts';
import type { Sql } from './sql.ts';

/** How long a reader may be away and still get only what it missed. */
const keptMs = 60 * 60_000;
/** Notes are swept a little later than they are promised for. */
const graceMs = 5 * 60_000;

const positionText = /^(\d{1,19})-(\d{1,15})$/;

/** A position is the oldest transaction still open when it was taken, and when: "1234-1763760000000". All before it were seen. */
export function changes(sql: Sql): Changes & { sweep(): Promise<void> } {
  const position = async (): Promise<string> => {
    const [row] = await sql.query<{ at: string }>(
      `select pg_snapshot_xmin(pg_current_snapshot())::text || '-' || floor(extract(epoch from clock_timestamp()) * 1000)::int8::text as at`,
    );
    if (row === undefined) throw new Error('a select without a table returns a row');
    return row.at;
  };
  return {
    position,
    async between(from, to) {
      const [, xid, at] = positionText.exec(from) ?? [];
      const [, top, now] = positionText.exec(to) ?? [];
      if (xid === undefined || top === undefined || BigInt(xid) > BigInt(top) || Number(now) - Number(at) > keptMs) return undefined;
      if (xid === top) return [];
      return sql.query<Change>(
        `select kind as type, ref as id from change where xid >= $1::xid8 and xid < $2::xid8 group by kind, ref
         union
         select 'run', l.name from log l where l.name <> 'estate'
           and exists (select 1 from entry e where e.log = l.key and e.xid >= $1::xid8 and e.xid < $2::xid8)`,
        [xid, top],
      );
    },
    async ownOf(changes, identity) {
      return sql.query<Change>(
        `select c.type, c.id from unnest($1::text[], $2::text[]) as c (type, id)
          where c.type = 'run' and exists (select 1 from run r join item i on i.run = r.key where r.id = c.id and ${ownItem('$3')})
             or c.type = 'system' and exists (select 1 from system s where s.id = c.id and s.owner = $3)`,
        [changes.map(({ type }) => type), changes.map(({ id }) => id), identity],
      );
    },
    async sweep() {
      await sql.query(`delete from change where at < now() - $1::float8 * interval '1 millisecond'`, [keptMs + graceMs]);
    },
  };
}
