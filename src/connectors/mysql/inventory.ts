// The accounts of the server in the order of user and host, so that the hosts of one user stand together. No stored hash is ever put into facts.
import { type Capabilities, done, type Facts, type Found, refused } from '../../kit/kit.ts';
import { idOf, likePattern, literal, nameOf } from '../../protocols/mysql/account-name.ts';
import { outcomeOf } from '../../protocols/mysql/fault.ts';
import { kindOf, ownerIn } from '../../protocols/mysql/guess.ts';
import type { Server } from '../../protocols/mysql/server.ts';
import type { ServerSettings } from '../../protocols/mysql/settings.ts';
import { type RecordRow, recordColumns, recordOf } from './record.ts';

type Row = RecordRow & { readonly hosts: string | null; readonly strong: string | number };

export function inventory(server: Server, settings: ServerSettings): Capabilities['inventory'] {
  return {
    async page({ cursor, limit }) {
      const after = cursor === undefined ? undefined : nameOf(cursor);
      if (cursor !== undefined && after === undefined) return refused('protocol', 'the cursor is not one of ours');
      const identity = await server.identity();
      if (identity.kind !== 'rows') return outcomeOf(identity);
      const beyond =
        after === undefined
          ? ''
          : `AND (User > ${literal(after.user)} OR (User = ${literal(after.user)} AND Host > ${literal(after.host)}))`;
      const answer = await server.query<Row>(`${pageSql} ${beyond} ${scoped(settings)} ORDER BY User, Host LIMIT ${Math.floor(limit)}`);
      if (answer.kind !== 'rows') return outcomeOf(answer);
      const items = answer.rows.map((row) => found(row, identity.rows[0]?.account ?? ''));
      const last = items.at(-1);
      return done(items.length < limit || last === undefined ? { items } : { items, next: last.id });
    },
  };
}

/** Roles (locked, expired, without a password) and the server's own accounts are left out. A right to write the schema mysql is as good as all rights. */
const pageSql = `
SELECT ${recordColumns},
  (SELECT GROUP_CONCAT(o.Host ORDER BY o.Host SEPARATOR ' ') FROM mysql.user o WHERE o.User = mysql.user.User) AS hosts,
  ('Y' IN (Super_priv, Create_user_priv, Grant_priv, File_priv, Insert_priv, Update_priv, Delete_priv, Repl_slave_priv, Create_role_priv)
    OR EXISTS (SELECT 1 FROM mysql.global_grants g WHERE g.USER = mysql.user.User AND g.HOST = mysql.user.Host
      AND g.PRIV IN ('SYSTEM_USER', 'ROLE_ADMIN', 'SET_USER_ID', 'SET_ANY_DEFINER', 'APPLICATION_PASSWORD_ADMIN'))
    OR EXISTS (SELECT 1 FROM mysql.role_edges e WHERE e.TO_USER = mysql.user.User AND e.TO_HOST = mysql.user.Host AND e.WITH_ADMIN_OPTION = 'Y')
    OR EXISTS (SELECT 1 FROM mysql.db d WHERE d.User = mysql.user.User AND d.Host = mysql.user.Host AND 'mysql' LIKE d.Db
      AND 'Y' IN (d.Insert_priv, d.Update_priv, d.Delete_priv))) AS strong
FROM mysql.user
WHERE NOT (account_locked = 'Y' AND password_expired = 'Y' AND authentication_string = '')
  AND NOT (Host = 'localhost' AND User IN ('mysql.sys', 'mysql.session', 'mysql.infoschema'))`;

function scoped({ include, exclude }: ServerSettings): string {
  const any = (globs: readonly string[]): string =>
    globs
      .map((glob) => {
        const pattern = literal(likePattern(glob));
        return `User LIKE ${pattern} ESCAPE '!' OR CONCAT(User, '@', Host) LIKE ${pattern} ESCAPE '!'`;
      })
      .join(' OR ');
  return `${include.length > 0 ? `AND (${any(include)})` : ''} ${exclude.length > 0 ? `AND NOT (${any(exclude)})` : ''}`;
}

function found(row: Row, own: string): Found {
  const record = recordOf(row);
  const id = idOf(record.name);
  const owner = ownerIn(record.comment);
  const facts: Facts = {
    own: id === own,
    host: row.host,
    // Accounts of their own, each with its own password: a reset of one leaves the others.
    hosts: (row.hosts ?? '').split(' '),
    plugin: record.plugin,
    secondPassword: record.second !== undefined,
    emptyPassword: record.stored === '' && ['caching_sha2_password', 'mysql_native_password', 'sha256_password'].includes(record.plugin),
    anonymous: row.user === '',
    locked: record.locked,
    expired: record.expired,
  };
  return {
    id,
    name: id,
    login: row.user,
    kind: kindOf(row.user, record.comment),
    enabled: !record.locked && !record.expired,
    privileged: Number(row.strong) === 1,
    facts,
    ...(owner === undefined ? {} : { owner }),
    ...(record.changedAt === undefined ? {} : { changedAt: record.changedAt }),
  };
}
