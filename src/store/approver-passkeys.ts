// The passkeys of members who may approve at present: enabled, not expired, with a role that gives the right.
import type { EnrolledPasskey, Passkeys } from '../approve/port.ts';
import type { Sql } from './sql.ts';

/** `roles`: those that give the right to approve. */
export function approverPasskeys(sql: Sql, roles: readonly string[], now: () => Date): Passkeys {
  const able = 'm.roles && $1::text[] and m.disabled_at is null and (m.expires_at is null or m.expires_at > $2)';
  return {
    async of(approver) {
      const rows = await sql.query<Omit<EnrolledPasskey, 'publicKey'> & { publicKey: Uint8Array }>(
        `select p.id as credential, p.public_key as "publicKey", p.created_at as "enrolledAt"
           from passkey p join member m on m.id = p.member where ${able} and m.name = $3 order by p.created_at, p.id`,
        [roles, now(), approver],
      );
      return rows.map((row) => ({ ...row, publicKey: Buffer.from(row.publicKey).toString('base64url') }));
    },
    async approvers() {
      const rows = await sql.query<{ name: string }>(
        `select m.name from member m where ${able} and exists (select from passkey p where p.member = m.id) order by m.name`,
        [roles, now()],
      );
      return rows.map((row) => row.name);
    },
    async used(credential, counter) {
      // Synced passkeys do not count and always say 0.
      const rows = await sql.query(
        'update passkey set counter = $2::int8, used_at = $3 where id = $1 and (counter < $2::int8 or counter = 0 and $2::int8 = 0) returning id',
        [credential, counter, now()],
      );
      return rows.length > 0;
    },
  };
}
