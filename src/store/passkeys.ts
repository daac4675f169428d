// Passkeys and the challenges they answer. A challenge is taken by deleting it, so that two answers to one are never both heard.
import type { About, AccessStore, StoredPasskey } from '../access/port.ts';
import type { Sql } from './sql.ts';

type Row = {
  id: string;
  member: string;
  name: string;
  public_key: Uint8Array;
  counter: string;
  transports: string[];
  backed_up: boolean;
  created_at: Date;
  used_at: Date | null;
};
const columns = 'id, member, name, public_key, counter::text as counter, transports, backed_up, created_at, used_at';

const passkeyOf = (row: Row): StoredPasskey => ({
  id: row.id,
  member: row.member,
  name: row.name,
  publicKey: new Uint8Array(row.public_key),
  counter: Number(row.counter),
  transports: row.transports,
  backedUp: row.backed_up,
  createdAt: row.created_at,
  usedAt: row.used_at,
});

export function passkeyRows(sql: Sql): AccessStore['passkeys'] {
  return {
    get: async (id) => (await sql.query<Row>(`select ${columns} from passkey where id = $1`, [id])).map(passkeyOf)[0],
    of: async (member) =>
      (await sql.query<Row>(`select ${columns} from passkey where member = $1 order by created_at, id`, [member])).map(passkeyOf),
    create: async (p) => {
      const rows = await sql.query(
        `insert into passkey (id, member, name, public_key, counter, transports, backed_up, created_at)
         values ($1, $2, $3, $4, $5::int8, $6, $7, $8) on conflict do nothing returning id`,
        [p.id, p.member, p.name, p.publicKey, p.counter, p.transports, p.backedUp, p.createdAt],
      );
      return rows.length === 1;
    },
    // Synced passkeys do not count: theirs stays 0.
    used: async (id, counter, at) => {
      const rows = await sql.query(
        'update passkey set counter = $2::int8, used_at = $3 where id = $1 and (counter < $2::int8 or (counter = 0 and $2::int8 = 0)) returning id',
        [id, counter, at],
      );
      return rows.length === 1;
    },
    remove: async (id) => {
      await sql.query('delete from passkey where id = $1', [id]);
    },
  };
}

export function challengeRows(sql: Sql): AccessStore['challenges'] {
  return {
    put: async (value, purpose, about, expiresAt) => {
      // Swept where new ones come in: nothing else needs a clock for it.
      await sql.query("delete from challenge where expires_at < now() - interval '1 hour'");
      await sql.query('insert into challenge (value, purpose, about, expires_at) values ($1, $2, $3::jsonb, $4)', [
        value,
        purpose,
        JSON.stringify(about),
        expiresAt,
      ]);
    },
    take: async (value, purpose, now) => {
      const [row] = await sql.query<{ about: About }>(
        'delete from challenge where value = $1 and purpose = $2 and expires_at > $3 returning about',
        [value, purpose, now],
      );
      return row?.about;
    },
  };
}
