// Sessions and API tokens, found by the hash of what the browser or program shows.
import type { AccessStore, Permission, StoredSession, StoredToken } from '../access/port.ts';
import { type MemberRow, memberColumns, memberOf } from './members.ts';
import type { Sql } from './sql.ts';

type SessionRow = {
  session: string;
  member: string;
  method: StoredSession['method'];
  address: string | null;
  agent: string | null;
  passkey_at: Date | null;
  opened_at: Date;
  used_at: Date;
  until: Date;
};
const sessionColumns =
  's.id as session, s.member, s.method, s.address, s.agent, s.passkey_at, s.created_at as opened_at, s.seen_at as used_at, s.expires_at as until';

const sessionOf = (row: SessionRow): StoredSession => ({
  id: row.session,
  member: row.member,
  method: row.method,
  address: row.address,
  agent: row.agent,
  passkeyAt: row.passkey_at,
  createdAt: row.opened_at,
  seenAt: row.used_at,
  expiresAt: row.until,
});

export function sessionRows(sql: Sql): AccessStore['sessions'] {
  return {
    create: async (s, hash) => {
      await sql.query(
        `insert into session (id, hash, member, method, address, agent, passkey_at, created_at, seen_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [s.id, hash, s.member, s.method, s.address, s.agent, s.passkeyAt, s.createdAt, s.seenAt, s.expiresAt],
      );
    },
    find: async (hash) => {
      const [row] = await sql.query<SessionRow & MemberRow>(
        `select ${sessionColumns}, ${memberColumns} from session s join member m on m.id = s.member where s.hash = $1 and s.ended_at is null`,
        [hash],
      );
      return row === undefined ? undefined : { session: sessionOf(row), member: memberOf(row) };
    },
    get: async (id) =>
      (await sql.query<SessionRow>(`select ${sessionColumns} from session s where s.id = $1 and s.ended_at is null`, [id])).map(
        sessionOf,
      )[0],
    of: async (member, now) => {
      const rows = await sql.query<SessionRow>(
        `select ${sessionColumns} from session s where s.member = $1 and s.ended_at is null and s.expires_at > $2 order by s.created_at desc, s.id`,
        [member, now],
      );
      return rows.map(sessionOf);
    },
    seen: async (id, at) => {
      await sql.query('update session set seen_at = $2 where id = $1', [id, at]);
    },
    end: async (id, why, at) => {
      await sql.query('update session set ended_at = $3, ended_why = $2 where id = $1 and ended_at is null', [id, why, at]);
    },
    endAll: async (member, why, at) => {
      const rows = await sql.query('update session set ended_at = $3, ended_why = $2 where member = $1 and ended_at is null returning id', [
        member,
        why,
        at,
      ]);
      return rows.length;
    },
  };
}

type TokenRow = {
  token: string;
  member: string;
  label: string;
  permissions: Permission[];
  made_by: string;
  made_at: Date;
  until: Date;
  used_at: Date | null;
  revoked_at: Date | null;
};
const tokenColumns =
  't.id as token, t.member, t.name as label, t.permissions, t.created_by as made_by, t.created_at as made_at, t.expires_at as until, t.used_at, t.revoked_at';

const tokenOf = (row: TokenRow): StoredToken => ({
  id: row.token,
  member: row.member,
  name: row.label,
  permissions: row.permissions,
  createdBy: row.made_by,
  createdAt: row.made_at,
  expiresAt: row.until,
  usedAt: row.used_at,
  revokedAt: row.revoked_at,
});

export function tokenRows(sql: Sql): AccessStore['tokens'] {
  return {
    create: async (t, hash) => {
      await sql.query(
        `insert into token (id, hash, member, name, permissions, created_by, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [t.id, hash, t.member, t.name, t.permissions, t.createdBy, t.createdAt, t.expiresAt],
      );
    },
    find: async (hash) => {
      const [row] = await sql.query<TokenRow & MemberRow>(
        `select ${tokenColumns}, ${memberColumns} from token t join member m on m.id = t.member where t.hash = $1`,
        [hash],
      );
      return row === undefined ? undefined : { token: tokenOf(row), member: memberOf(row) };
    },
    get: async (id) => (await sql.query<TokenRow>(`select ${tokenColumns} from token t where t.id = $1`, [id])).map(tokenOf)[0],
    list: async (member) => {
      const rows = await sql.query<TokenRow>(
        `select ${tokenColumns} from token t where $1::text is null or t.member = $1 order by t.created_at desc, t.id limit 1000`,
        [member ?? null],
      );
      return rows.map(tokenOf);
    },
    used: async (id, at) => {
      await sql.query('update token set used_at = $2 where id = $1', [id, at]);
    },
    revoke: async (id, by, at) => {
      const rows = await sql.query('update token set revoked_at = $3, revoked_by = $2 where id = $1 and revoked_at is null returning id', [
        id,
        by,
        at,
      ]);
      return rows.length === 1;
    },
  };
}
