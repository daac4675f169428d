// Answers kept for requests that are sent twice. Claiming a key is one statement: of several at once, one does the work.
import type { Begun, KeptReplies } from '../http/port.ts';
import type { Sql } from './sql.ts';

type Row = {
  readonly state: 'running' | 'kept' | 'done';
  readonly body: string | null;
  readonly status: number | null;
  readonly type: string | null;
  readonly reply: string | null;
  readonly since: number;
};

export function keptReplies(sql: Sql): KeptReplies & { sweep(): Promise<void> } {
  return {
    async begin(key, keepMs) {
      const claimed = await sql.query(
        `insert into kept_reply as k (key, ends_at) values (decode($1, 'hex'), clock_timestamp() + $2::float8 * interval '1 millisecond')
         on conflict (key) do update set state = 'running', body = null, status = null, type = null, reply = null,
           started_at = clock_timestamp(), ends_at = excluded.ends_at
         where k.ends_at <= clock_timestamp() returning 1`,
        [key, keepMs],
      );
      if (claimed.length > 0) return { kind: 'new' };
      const [row] = await sql.query<Row>(
        `select state, encode(body, 'hex') as body, status, type, reply, extract(epoch from clock_timestamp() - started_at)::float8 * 1000 as since
           from kept_reply where key = decode($1, 'hex')`,
        [key],
      );
      return row === undefined ? this.begin(key, keepMs) : begun(row);
    },
    async keep(key, body, { status, type, reply }) {
      await sql.query(
        `update kept_reply set state = 'kept', body = decode($2, 'hex'), status = $3, type = $4, reply = $5 where key = decode($1, 'hex')`,
        [key, body, status, type, reply],
      );
    },
    async done(key, body) {
      await sql.query(`update kept_reply set state = 'done', body = decode($2, 'hex') where key = decode($1, 'hex')`, [key, body]);
    },
    async forget(key) {
      await sql.query(`delete from kept_reply where key = decode($1, 'hex')`, [key]);
    },
    async sweep() {
      await sql.query(`delete from kept_reply where ends_at < clock_timestamp()`);
    },
  };
}

function begun({ state, body, status, type, reply, since }: Row): Begun {
  switch (state) {
    case 'running':
      return { kind: 'running', sinceMs: since };
    case 'done':
      return { kind: 'done', body };
    case 'kept':
      return { kind: 'kept', body, reply: { status: status ?? 200, type, reply: reply ?? '' } };
  }
}
