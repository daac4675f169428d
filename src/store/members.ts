// Members as rows. Names, e-mail addresses and identities are one person's each, in any case of letters.
import type { AccessStore, Member, Role } from '../access/port.ts';
import { Problem } from '../domain/problem.ts';
import type { Sql } from './sql.ts';

export type MemberRow = {
  id: string;
  name: string;
  email: string | null;
  identity: string | null;
  roles: Role[];
  disabled_at: Date | null;
  expires_at: Date | null;
  handle: Uint8Array;
  issuer: string | null;
  subject: string | null;
  created_by: string;
  created_at: Date;
  seen_at: Date | null;
};

/** Of alias `m`. */
export const memberColumns =
  'm.id, m.name, m.email, m.identity, m.roles, m.disabled_at, m.expires_at, m.handle, m.issuer, m.subject, m.created_by, m.created_at, m.seen_at';

export function memberOf(row: MemberRow): Member {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    identity: row.identity,
    roles: row.roles,
    disabledAt: row.disabled_at,
    expiresAt: row.expires_at,
    handle: new Uint8Array(row.handle),
    issuer: row.issuer,
    subject: row.subject,
    createdBy: row.created_by,
    createdAt: row.created_at,
    seenAt: row.seen_at,
  };
}

export function memberRows(sql: Sql): AccessStore['members'] {
  const one = async (condition: string, params: readonly unknown[]): Promise<Member | undefined> => {
    const [row] = await sql.query<MemberRow>(`select ${memberColumns} from member m where ${condition}`, params);
    return row === undefined ? undefined : memberOf(row);
  };
  return {
    get: (id) => one('m.id = $1', [id]),
    bySubject: (issuer, subject) => one('m.issuer = $1 and m.subject = $2', [issuer, subject]),
    byEmail: (email) => one('lower(m.email) = lower($1)', [email]),
    page: async (after, limit) => {
      const rows = await sql.query<MemberRow & { passkeys: number }>(
        `select ${memberColumns}, (select count(*)::int4 from passkey p where p.member = m.id) as passkeys
           from member m where $1::text is null or m.id > $1 order by m.id limit $2::int4`,
        [after ?? null, limit],
      );
      return rows.map((row) => ({ ...memberOf(row), passkeys: row.passkeys }));
    },
    create: async (m) => {
      const rows = await sql.query(
        `insert into member (id, name, email, identity, roles, disabled_at, expires_at, handle, issuer, subject, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing returning id`,
        [m.id, m.name, m.email, m.identity, m.roles, m.disabledAt, m.expiresAt, m.handle, m.issuer, m.subject, m.createdBy, m.createdAt],
      );
      return rows.length === 1;
    },
    change: async (id, { roles, disabledAt, identity, expiresAt }) => {
      await unlessTaken(
        `${identity ?? 'this'} is somebody else's identity already`,
        sql.query(
          `update member set roles = coalesce($2::text[], roles), disabled_at = case when $3 then $4::timestamptz else disabled_at end,
           identity = case when $5 then $6 else identity end, expires_at = case when $7 then $8::timestamptz else expires_at end where id = $1`,
          [
            id,
            roles ?? null,
            disabledAt !== undefined,
            disabledAt ?? null,
            identity !== undefined,
            identity ?? null,
            expiresAt !== undefined,
            expiresAt ?? null,
          ],
        ),
      );
    },
    bind: async (id, issuer, subject) => {
      await unlessTaken(
        `${subject} of ${issuer} is somebody else already`,
        sql.query('update member set issuer = $2, subject = $3 where id = $1', [id, issuer, subject]),
      );
    },
    seen: async (id, at) => {
      await sql.query('update member set seen_at = $2 where id = $1', [id, at]);
    },
    administrators: async (now) => {
      // The lock makes two that take away each other's role wait for each other, and two first administrators as well.
      await sql.query(`select pg_advisory_xact_lock(hashtext('rekey administrators'))`);
      const rows = await sql.query<{ id: string }>(
        `select id from member where 'administrator' = any(roles) and disabled_at is null and (expires_at is null or expires_at > $1)`,
        [now],
      );
      return rows.map((row) => row.id);
    },
  };
}

/** The index says what is taken: a look before the write would not see who writes at the same moment. */
async function unlessTaken(message: string, write: Promise<unknown>): Promise<void> {
  await write.catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === '23505')
      throw new Problem('conflict', { message, hint: 'rekey member ls' });
    throw error;
  });
}
