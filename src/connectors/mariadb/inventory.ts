// The accounts of the server in the order of user and host, so that the hosts of one user stand together. No stored hash is ever put into facts.
import { type Capabilities, done, type Facts, type Found, refused } from '../../kit/kit.ts';
import { idOf, likePattern, literal, nameOf } from '../../protocols/mysql/account-name.ts';
import { outcomeOf } from '../../protocols/mysql/fault.ts';
import { kindOf } from '../../protocols/mysql/guess.ts';
import type { Server } from '../../protocols/mysql/server.ts';
import type { ServerSettings } from '../../protocols/mysql/settings.ts';
import { isEmpty, isOff, type RecordRow, recordOf, takesPassword } from './record.ts';

/** INSERT, UPDATE, DELETE (of mysql.* too), FILE, GRANT OPTION, SUPER, REPLICATION SLAVE (reads the binlog), CREATE USER, SET USER. */
const strongBits = [1, 2, 3, 9, 10, 15, 19, 25, 30] as const;
const strongMask = strongBits.reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n);

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
          : `AND (p.User > ${literal(after.user)} OR (p.User = ${literal(after.user)} AND p.Host > ${literal(after.host)}))`;
      const answer = await server.query<Row>(`${pageSql} ${beyond} ${scoped(settings)} ORDER BY p.User, p.Host LIMIT ${Math.floor(limit)}`);
      if (answer.kind !== 'rows') return outcomeOf(answer);
      const items = answer.rows.map((row) => found(row, identity.rows[0]?.account ?? ''));
      const last = items.at(-1);
      return done(items.length < limit || last === undefined ? { items } : { items, next: last.id });
    },
  };
}

type Row = RecordRow & { readonly hosts: string | null; readonly roles: string | null; readonly strong: number | string };

/** Roles are followed to the roles they hold; a right to write the schema mysql is as good as all rights. */
const pageSql = `
WITH RECURSIVE strong AS (
  SELECT User FROM mysql.global_priv WHERE IFNULL(JSON_VALUE(Priv, '$.is_role'), 0) = 1
    AND (CAST(JSON_VALUE(Priv, '$.access') AS UNSIGNED) & ${strongMask}) <> 0
  UNION SELECT m.User FROM mysql.roles_mapping m JOIN strong s ON m.Role = s.User WHERE m.Host = ''
)
SELECT p.User AS user, p.Host AS host, p.Priv AS priv, UNIX_TIMESTAMP(NOW(6)) AS now, @@default_password_lifetime AS lifetime,
  (SELECT GROUP_CONCAT(o.Host ORDER BY o.Host SEPARATOR ' ') FROM mysql.global_priv o
    WHERE o.User = p.User AND IFNULL(JSON_VALUE(o.Priv, '$.is_role'), 0) = 0) AS hosts,
  (SELECT GROUP_CONCAT(m.Role ORDER BY m.Role SEPARATOR '\\n') FROM mysql.roles_mapping m WHERE m.User = p.User AND m.Host = p.Host) AS roles,
  (EXISTS (SELECT 1 FROM mysql.roles_mapping m JOIN strong s ON s.User = m.Role WHERE m.User = p.User AND m.Host = p.Host)
    OR EXISTS (SELECT 1 FROM mysql.db d WHERE d.User = p.User AND d.Host = p.Host AND 'mysql' LIKE d.Db
      AND 'Y' IN (d.Insert_priv, d.Update_priv, d.Delete_priv))) AS strong
FROM mysql.global_priv p
WHERE IFNULL(JSON_VALUE(p.Priv, '$.is_role'), 0) = 0 AND p.User <> 'mariadb.sys'`;

export function scoped({ include, exclude }: Pick<ServerSettings, 'include' | 'exclude'>, user = 'p.User', host = 'p.Host'): string {
  const any = (globs: readonly string[]): string =>
    globs
      .map((glob) => {
        const pattern = literal(likePattern(glob));
        return `${user} LIKE ${pattern} ESCAPE '!' OR CONCAT(${user}, '@', ${host}) LIKE ${pattern} ESCAPE '!'`;
      })
      .join(' OR ');
  return `${include.length > 0 ? `AND (${any(include)})` : ''} ${exclude.length > 0 ? `AND NOT (${any(exclude)})` : ''}`;
}

function found(row: Row, own: string): Found {
  const record = recordOf(row);
  const id = idOf(record.name);
  const passwords = record.methods.filter((each) => takesPassword(each) && !isOff(each));
  const facts: Facts = {
    own: id === own,
    host: row.host,
    // Accounts of their own, each with its own password: a reset of one leaves the others.
    hosts: (row.hosts ?? '').split(' '),
    methods: record.methods.map(({ plugin }) => plugin),
    passwords: passwords.length,
    emptyPassword: passwords.some(isEmpty),
    anonymous: row.user === '',
    locked: record.locked,
    expired: record.expired,
    roles: row.roles === null ? [] : row.roles.split('\n'),
  };
  return {
    id,
    name: id,
    login: row.user,
    kind: kindOf(row.user),
    enabled: !record.locked && !record.expired,
    privileged: (record.access & strongMask) !== 0n || Number(row.strong) === 1,
    facts,
    ...(record.changedAt === undefined ? {} : { changedAt: record.changedAt }),
  };
}
