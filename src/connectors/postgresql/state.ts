// The server's own record of one role, read on one server. A standby that has not replayed what the primary holds says so by an old `changedAt`.
import { type AccountRef, type AccountState, type Capabilities, done, type Outcome, refused } from '../../kit/kit.ts';
import { isOid } from './alter.ts';
import { outcomeOf } from './fault.ts';
import { type RoleView, roleViewOf, verifierColumns } from './role-view.ts';
import type { Server } from './server.ts';

type Row = { readonly usable: boolean; readonly digest: string | null; readonly changed: Date | null; readonly now: Date };
type Position = { readonly reached: boolean; readonly standby: boolean; readonly last: Date | null };

export function state(servers: readonly [Server, ...Server[]]): Capabilities['state'] {
  const [primary] = servers;
  return {
    async replicas() {
      return servers.map(({ endpoint }) => endpoint.replica);
    },
    async clock(replica) {
      const server = servers.find(({ endpoint }) => endpoint.replica === replica);
      if (server === undefined) return refused('not-found', `there is no server ${replica} in the estate file`);
      const answer = await server.query<{ now: Date }>('SELECT clock_timestamp() AS now');
      if (answer.kind !== 'rows') return outcomeOf(answer);
      const [row] = answer.rows;
      return row === undefined ? refused('protocol', 'the server did not say its time') : done(row.now);
    },
    async read(account, replica) {
      const server = servers.find(({ endpoint }) => endpoint.replica === replica);
      if (server === undefined) return refused('not-found', `there is no server ${replica} in the estate file`);
      if (!isOid(account.id)) return refused('not-found', `the account id "${account.id}" is not an oid: run rekey discover`);
      const behind = server === primary ? undefined : await behindOf(primary, server);
      if (behind !== undefined && behind.kind !== 'done') return behind;
      const read = await readRole(server, await roleViewOf(server), account);
      // Where the row dates itself, its date is the better answer: it is this role's own.
      if (read.kind !== 'done' || behind?.value === undefined || read.value.changedAt !== undefined) return read;
      // What this standby shows was last changed no later than its last replayed commit.
      return done({ ...read.value, changedAt: behind.value });
    },
  };
}

/** The time of the last commit a lagging standby has replayed; `undefined`: it has all that the primary had written when we asked. */
async function behindOf(primary: Server, standby: Server): Promise<Outcome<Date | undefined>> {
  const written = await primary.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
  if (written.kind !== 'rows') return outcomeOf(written);
  const position = await standby.query<Position>(
    `SELECT pg_is_in_recovery() AS standby, coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false) AS reached,
       pg_last_xact_replay_timestamp() AS last`,
    [written.rows[0]?.lsn],
  );
  if (position.kind !== 'rows') return outcomeOf(position);
  const [at] = position.rows;
  if (at === undefined || at.standby === false)
    return refused('protocol', 'this server is not a standby: it has its own roles, make it a system of its own');
  return done(at.reached ? undefined : (at.last ?? new Date(0)));
}

async function readRole(server: Server, view: RoleView, account: AccountRef): Promise<Outcome<AccountState>> {
  const { digest, changed, join } = verifierColumns(view, 'r');
  const answer = await server.query<Row>(
    `SELECT r.rolcanlogin AND coalesce(r.rolvaliduntil > now(), true) AS usable, ${digest} AS digest, ${changed} AS changed,
       now() AS now
     FROM pg_roles r ${join} WHERE r.oid = $1::oid`,
    [account.id],
  );
  if (answer.kind !== 'rows') return outcomeOf(answer);
  const [row] = answer.rows;
  if (row === undefined) return refused('not-found', 'the role does not exist on this server');
  return done({
    // Empty: this role may not read the record, so two readings must not be compared.
    marker: row.digest ?? '',
    values: row.digest === 'none' ? 0 : 1,
    usable: row.usable,
    now: row.now,
    ...(row.changed === null ? {} : { changedAt: row.changed }),
  });
}
