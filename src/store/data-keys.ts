// The data keys as sealing asks for them. A row is changed only while it is still as it was read.
import type { DataKeys, WrappedKey } from '../seal/port.ts';
import type { Sql } from './sql.ts';

const columns = 'key, purpose, ring, wrapped';

export function dataKeysIn(sql: Sql): DataKeys {
  return {
    async add({ purpose, ring, wrapped }) {
      const [row] = await sql.query<{ key: string }>('insert into data_key (purpose, ring, wrapped) values ($1, $2, $3) returning key', [
        purpose,
        ring,
        wrapped,
      ]);
      if (!row) throw new Error('insert returned no row');
      return row.key;
    },
    async find(key) {
      const [row] = await sql.query<WrappedKey>(`select ${columns} from data_key where key = $1`, [key]);
      return row;
    },
    notUnder: (ring, after, limit) =>
      sql.query<WrappedKey>(`select ${columns} from data_key where ring <> $1 and key > $2 order by key limit $3`, [ring, after, limit]),
    async rewrap(key, from, to) {
      const rows = await sql.query('update data_key set ring = $3, wrapped = $4 where key = $1 and ring = $2 returning key', [
        key,
        from,
        to.ring,
        to.wrapped,
      ]);
      return rows.length === 1;
    },
    async under(ring) {
      const [row] = await sql.query<{ count: number; sample: string[] }>(
        'select count(*)::int4 as count, coalesce((array_agg(key order by key))[1:5], array[]::int8[]) as sample from data_key where ring = $1',
        [ring],
      );
      return row ?? { count: 0, sample: [] };
    },
  };
}
