// One-time codes as rows, found by their hash; used and ended ones open nothing and are listed nowhere.
import type { AccessStore, JoinCode, Role } from '../access/port.ts';
import type { Sql } from './sql.ts';

type Row = {
  id: string;
  hash: Uint8Array;
  kind: JoinCode['kind'];
  name: string | null;
  email: string | null;
  identity: string | null;
  roles: Role[];
  for_member: string | null;
  created_by: string;
  expires_at: Date;
};
const columns = 'id, hash, kind, name, email, identity, roles, for_member, created_by, expires_at';
const codeOf = ({ for_member, created_by, expires_at, ...rest }: Row): JoinCode => ({
  ...rest,
  hash: new Uint8Array(rest.hash),
  forMember: for_member,
  createdBy: created_by,
  expiresAt: expires_at,
});

export function codeRows(sql: Sql): AccessStore['codes'] {
  return {
    create: async (c) => {
      await sql.query(`insert into join_code (${columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, [
        c.id,
        c.hash,
        c.kind,
        c.name,
        c.email,
        c.identity,
        c.roles,
        c.forMember,
        c.createdBy,
        c.expiresAt,
      ]);
    },
    find: async (hash, now) =>
      (await sql.query<Row>(`select ${columns} from join_code where hash = $1 and used_at is null and expires_at > $2`, [hash, now])).map(
        codeOf,
      )[0],
    use: async (hash, member, now) => {
      const rows = await sql.query(
        'update join_code set used_at = $3, member = $2 where hash = $1 and used_at is null and expires_at > $3 returning kind',
        [hash, member, now],
      );
      return rows.length === 1;
    },
    drop: async (kind) => {
      await sql.query('delete from join_code where kind = $1 and used_at is null', [kind]);
    },
    open: async (now) =>
      (
        await sql.query<Row>(
          `select ${columns} from join_code where kind = 'invitation' and used_at is null and expires_at > $1 order by created_at desc, id limit 1000`,
          [now],
        )
      ).map(codeOf),
    revoke: async (id, now) =>
      (
        await sql.query<Row>(
          `delete from join_code where id = $1 and kind = 'invitation' and used_at is null and expires_at > $2 returning ${columns}`,
          [id, now],
        )
      ).map(codeOf)[0],
    revokeFor: async (member) => {
      await sql.query('delete from join_code where for_member = $1 and used_at is null', [member]);
    },
  };
}
