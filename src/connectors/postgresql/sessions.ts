// The open connections of a role on every server, and their end: a change of the secret leaves them all as they are.
import { setTimeout as sleep } from 'node:timers/promises';
import { type AccountRef, type Capabilities, done, type Fault, type Io, type Outcome, refused, type Session } from '../../kit/kit.ts';
import { isOid } from './alter.ts';
import { outcomeOf } from './fault.ts';
import { probeName } from './login.ts';
import type { Server } from './server.ts';

type Row = {
  readonly pid: number;
  readonly started: Date | null;
  readonly stamp: string;
  readonly from: string;
  readonly name: string;
  readonly young: boolean;
};

/**
 * A role that may not see others' sessions gets their rows with almost everything left out: those rows are taken, to be refused.
 * Walsenders are connections of the role too; parallel workers and apply workers end with what started them.
 */
const listSql = `
SELECT pid, backend_start AS started, backend_start::text AS stamp, coalesce(host(client_addr), 'local') AS from, coalesce(application_name, '') AS name,
  backend_start > now() - make_interval(secs => $2) AS young
FROM pg_stat_activity WHERE usesysid = $1::oid AND coalesce(backend_type, 'hidden') IN ('client backend', 'walsender', 'hidden') ORDER BY backend_start`;

/** The start is part of the condition: a pid given to somebody else meanwhile is left alone. */
const endSql = 'SELECT pg_terminate_backend(pid) AS told FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2::timestamptz';

/** A backend sees the signal within milliseconds; poolers reconnect as fast, so a second round looks again. */
const rounds = 2;
const waitMs = 2_000;

export function sessions(servers: readonly Server[], io: Io): Capabilities['sessions'] {
  return {
    async list(account) {
      const all: Session[] = [];
      for (const server of servers) {
        const listed = await listOn(server, account, io);
        if (listed.kind !== 'done') return listed;
        all.push(...listed.value.map((each) => each.session));
      }
      return done(all);
    },
    async end(account, before) {
      let ended = 0;
      let left = 0;
      for (const server of servers) {
        const outcome = await endOn(server, account, before, io);
        if (outcome.kind !== 'done') return outcome;
        ended += outcome.value.ended;
        left += outcome.value.left;
      }
      return done({ ended, left });
    },
  };
}

type Listed = { readonly session: Session; readonly row: Row };

async function listOn(server: Server, account: AccountRef, io: Io): Promise<Outcome<readonly Listed[]>> {
  if (!isOid(account.id)) return refused('not-found', `the account id "${account.id}" is not an oid: run rekey discover`);
  const answer = await server.query<Row>(listSql, [account.id, (2 * io.timeoutMs) / 1000]);
  if (answer.kind !== 'rows') return outcomeOf(answer);
  const { replica } = server.endpoint;
  const pids = server.pids();
  const listed: Listed[] = [];
  for (const row of answer.rows) {
    if (row.started === null)
      return refused(
        'permission',
        `the sessions of others cannot be seen on ${replica}: grant pg_monitor (or pg_read_all_stats) to the Rekey role`,
      );
    // The name alone makes no connection ours: whoever holds the old secret can take it. A probe is over within our timeout.
    const own = pids.includes(row.pid) || (row.name === probeName && row.young);
    const session = {
      id: `${row.pid}@${replica}`,
      startedAt: row.started,
      from: row.name === '' ? row.from : `${row.from} (${row.name})`,
      own,
    };
    listed.push({ session, row });
  }
  return done(listed);
}

async function endOn(server: Server, account: AccountRef, before: Date, io: Io): Promise<Outcome<{ ended: number; left: number }>> {
  const seen = new Set<string>();
  let forbidden: Fault | undefined;
  let left: readonly Listed[] = [];
  for (let round = 1; round <= rounds; round++) {
    const old = await oldOn(server, account, before, io);
    if (old.kind !== 'done') return old;
    left = old.value;
    for (const { session, row } of old.value) {
      seen.add(session.id);
      const told = await server.query(endSql, [row.pid, row.stamp]);
      if (told.kind === 'rows') continue;
      const outcome = outcomeOf(told);
      if (outcome.kind !== 'refused' || outcome.fault.code !== 'permission') return outcome;
      forbidden = outcome.fault;
    }
    for (let waited = 0; waited < waitMs && left.length > 0 && forbidden === undefined; waited += 50) {
      const now = await oldOn(server, account, before, io);
      if (now.kind !== 'done') return now;
      left = now.value;
      if (left.length > 0) await sleep(50);
    }
  }
  const ended = [...seen].filter((id) => !left.some(({ session }) => session.id === id)).length;
  if (ended === 0 && forbidden !== undefined) {
    const why = `the Rekey role may not end these sessions on ${server.endpoint.replica}: grant pg_signal_backend (a superuser's sessions need a superuser)`;
    return refused('permission', why, forbidden.target === undefined ? {} : { target: forbidden.target });
  }
  return done({ ended, left: left.length });
}

/** Those that began before the change. Our own statements' connections are spared by pid only. */
async function oldOn(server: Server, account: AccountRef, before: Date, io: Io): Promise<Outcome<readonly Listed[]>> {
  const listed = await listOn(server, account, io);
  if (listed.kind !== 'done') return listed;
  const pids = server.pids();
  return done(listed.value.filter(({ row, session }) => session.startedAt < before && !pids.includes(row.pid)));
}
