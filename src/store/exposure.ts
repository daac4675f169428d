// Accounts whose secret leaked, and the leaked values: sealed before they come here, numbered per account.
import type { Exposure } from '../inventory/port.ts';
import type { Sql } from './sql.ts';

export function exposureStore(sql: Sql): Exposure {
  return {
    expose: async (accounts) => {
      await sql.query(`update account set exposed = true where key = any($1::int8[]) and not exposed`, [accounts]);
    },
    leaks: async (accounts) => {
      const rows = await sql.query<{ account: string; version: number; dataKey: string; sealed: string }>(
        `select account::text as account, version, data_key::text as "dataKey", encode(sealed, 'base64') as sealed
           from secret where origin = 'leaked' and account = any($1::int8[]) order by account, version`,
        [accounts],
      );
      return rows.map((r) => ({ ...r, sealed: Buffer.from(r.sealed, 'base64') }));
    },
    add: async (leaks) => {
      await sql.query(
        `insert into secret (account, origin, version, state, data_key, sealed)
         select r.account, 'leaked', r.version, 'previous', r.data_key, decode(r.sealed, 'base64')
         from unnest($1::int8[], $2::int4[], $3::int8[], $4::text[]) r(account, version, data_key, sealed)`,
        [
          leaks.map((l) => l.account),
          leaks.map((l) => l.version),
          leaks.map((l) => l.dataKey),
          leaks.map((l) => Buffer.from(l.sealed.buffer, l.sealed.byteOffset, l.sealed.byteLength).toString('base64')),
        ],
      );
    },
  };
}
