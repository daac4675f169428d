// How much of a role's own record can be read: the whole catalogue, the view of the README (no verifier leaves it), or nothing.
import type { Server } from './server.ts';

/** `table`: pg_authid itself. `view`: rekey.role_state. */
export type RoleView = 'table' | 'view' | 'none';

/** "none" is looked at again after a while: somebody may be creating the view, or a standby still replaying it. */
const noneLastsMs = 5_000;
const known = new WeakMap<Server, { readonly view: RoleView; readonly until: number }>();

export async function roleViewOf(server: Server): Promise<RoleView> {
  const before = known.get(server);
  if (before !== undefined && performance.now() < before.until) return before.view;
  const view = await lookFor(server);
  known.set(server, { view, until: view === 'none' ? performance.now() + noneLastsMs : Number.POSITIVE_INFINITY });
  return view;
}

async function lookFor(server: Server): Promise<RoleView> {
  const answer = await server.query<{ whole: boolean; shown: boolean }>(
    `SELECT has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS whole,
       coalesce((SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'rekey' AND c.relname = 'role_state'), false) AS shown`,
  );
  if (answer.kind !== 'rows') return 'none';
  const [row] = answer.rows;
  return row?.whole === true ? 'table' : row?.shown === true ? 'view' : 'none';
}

type Columns = {
  readonly join: string;
  readonly verifier: string;
  readonly digest: string;
  readonly changed: string;
  readonly present: string;
};

const changedAt = (xmin: string) => `CASE WHEN current_setting('track_commit_timestamp') = 'on' THEN pg_xact_commit_timestamp(${xmin}) END`;

/** SQL for the kind of verifier, its sha256, when the row was last written, and whether there is a verifier. */
export function verifierColumns(view: RoleView, roles: string): Columns {
  switch (view) {
    case 'table':
      return {
        join: `JOIN pg_authid a ON a.oid = ${roles}.oid`,
        verifier: `CASE WHEN a.rolpassword IS NULL THEN 'none' WHEN a.rolpassword LIKE 'SCRAM-SHA-256$%' THEN 'scram-sha-256' ELSE 'md5' END`,
        // An md5 verifier has no salt of its own: its hash would be a hash of a guessable thing.
        digest: `CASE WHEN a.rolpassword IS NULL THEN 'none' WHEN a.rolpassword LIKE 'SCRAM-SHA-256$%'
          THEN encode(sha256(convert_to(a.rolpassword, 'UTF8')), 'hex') ELSE 'md5' END`,
        changed: changedAt('a.xmin'),
        present: 'a.rolpassword IS NOT NULL',
      };
    case 'view':
      return {
        join: `JOIN rekey.role_state a ON a.oid = ${roles}.oid`,
        verifier: 'a.verifier',
        digest: `coalesce(a.digest, 'none')`,
        changed: 'a.changed_at',
        present: 'a.digest IS NOT NULL',
      };
    case 'none':
      return { join: '', verifier: 'NULL::text', digest: 'NULL::text', changed: 'NULL::timestamptz', present: 'false' };
  }
}
