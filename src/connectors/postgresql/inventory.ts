// The roles that log in, in the order of their oids: a page that is read again after a crash shows the same roles. No verifier is ever read into facts.
import { type Capabilities, done, type Facts, type Found } from '../../kit/kit.ts';
import { type Config, globPatterns } from './config.ts';
import { outcomeOf } from './fault.ts';
import { kindOf, ownerIn } from './guess.ts';
import { type RoleView, roleViewOf, verifierColumns } from './role-view.ts';
import type { Server } from './server.ts';

export function inventory(primary: Server, settings: Config): Capabilities['inventory'] {
  const include = globPatterns(settings.include);
  const exclude = globPatterns(settings.exclude);
  return {
    async page({ cursor, limit }) {
      const answer = await primary.query<Row>(pageSql(await roleViewOf(primary)), [cursor ?? '0', limit, include, exclude]);
      if (answer.kind !== 'rows') return outcomeOf(answer);
      const items = answer.rows.map(found);
      const last = items.at(-1);
      return done(items.length < limit || last === undefined ? { items } : { items, next: last.id });
    },
  };
}

type Row = {
  readonly id: string;
  readonly name: string;
  readonly login: boolean;
  readonly expired: boolean;
  readonly privileged: boolean;
  readonly superuser: boolean;
  readonly until: string | null;
  readonly connections: number;
  readonly note: string | null;
  readonly own: boolean;
  readonly verifier: string | null;
  readonly changed: Date | null;
  readonly member_of: string[];
  readonly members: number;
  readonly mappings: string[];
  readonly subscriptions: string[];
  readonly prepared: number;
};

/**
 * A NOLOGIN role is taken where its verifier shows that it is a login role that was blocked.
 * Privileged: by attribute or through a membership; the last three roles are as good as superuser.
 */
function pageSql(view: RoleView): string {
  const { verifier, changed, join, present } = verifierColumns(view, 'r');
  return `
WITH strong AS (
  SELECT oid FROM pg_roles WHERE rolsuper OR rolcreaterole OR rolbypassrls OR rolreplication
    OR rolname IN ('pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files')
)
SELECT r.oid::text AS id, r.rolname::text AS name, r.rolcanlogin AS login, r.rolsuper AS superuser,
  coalesce(r.rolvaliduntil <= now(), false) AS expired,
  EXISTS (SELECT FROM strong WHERE pg_has_role(r.oid, strong.oid, 'MEMBER')) AS privileged,
  r.rolvaliduntil::text AS until, r.rolconnlimit AS connections,
  shobj_description(r.oid, 'pg_authid') AS note, r.rolname = session_user AS own,
  ${verifier} AS verifier, ${changed} AS changed,
  ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid ORDER BY 1) AS member_of,
  (SELECT count(*)::int FROM pg_auth_members m WHERE m.roleid = r.oid) AS members,
  ARRAY(SELECT u.srvname::text FROM pg_user_mappings u WHERE u.umuser = r.oid ORDER BY 1) AS mappings,
  ARRAY(SELECT s.subname::text FROM pg_subscription s WHERE s.subowner = r.oid ORDER BY 1) AS subscriptions,
  (SELECT count(*)::int FROM pg_prepared_xacts x WHERE x.owner = r.rolname) AS prepared
FROM pg_roles r ${join}
WHERE r.oid > $1::oid AND (r.rolcanlogin OR ${present}) AND r.rolname !~ '^pg_'
  AND (cardinality($3::text[]) = 0 OR r.rolname ~ ANY ($3)) AND NOT (cardinality($4::text[]) > 0 AND r.rolname ~ ANY ($4))
ORDER BY r.oid LIMIT $2`;
}

function found(row: Row): Found {
  const owner = ownerIn(row.note);
  const facts: Facts = {
    own: row.own,
    superuser: row.superuser,
    verifier: row.verifier,
    connectionLimit: row.connections,
    validUntil: row.until,
    memberOf: row.member_of,
    members: row.members,
    // Stored elsewhere in this database under this role: each holds a password of its own, or work the role left open.
    userMappings: row.mappings,
    subscriptions: row.subscriptions,
    preparedTransactions: row.prepared,
  };
  return {
    id: row.id,
    name: row.name,
    kind: kindOf(row.name, row.note),
    enabled: row.login && !row.expired,
    privileged: row.privileged,
    facts,
    ...(owner === undefined ? {} : { owner }),
    ...(row.changed === null ? {} : { changedAt: row.changed }),
  };
}
