// The open connections of an account on every server, and their end: neither a change of the secret nor a lock of the account touches them.
import { setTimeout as sleep } from 'node:timers/promises';
import { type AccountRef, type Capabilities, done, type Fault, type Io, type Outcome, refused, type Session } from '../../kit/kit.ts';
import { literal, nameOf } from './account-name.ts';
import { outcomeOf } from './fault.ts';
import { matchOf } from './match-host.ts';
import { dateOf, type Server } from './server.ts';

type Row = { readonly id: string; readonly client: string | null };
type Moment = { readonly now: string; readonly top: string | null; readonly up: string | null };

/** A killed connection is gone within milliseconds, unless it rolls back; pools reconnect as fast, so a second round looks again. */
const rounds = 2;
const waitMs = 2_000;

export function sessions(servers: readonly Server[], io: Io): Capabilities['sessions'] {
  return {
    // The servers do not date sessions: see marks.ts. After every write their numbers are looked at twice within this.
    grainMs: 1_000,
    async list(account) {
      const all: Session[] = [];
      for (const server of servers) {
        const listed = await listOn(server, account);
        if (listed.kind !== 'done') return listed;
        all.push(...listed.value.map(({ session }) => session));
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

type Listed = { readonly id: number; readonly session: Session };

async function listOn(server: Server, account: AccountRef): Promise<Outcome<readonly Listed[]>> {
  const name = nameOf(account.id);
  if (name === undefined) return refused('not-found', `the account id "${account.id}" is not user@host: run rekey discover`);
  const { sessions: table, status } = server.dialect;
  const named = await server.named(name.user);
  if (named.kind !== 'rows') return outcomeOf(named);
  const rows = await server.query<Row>(`SELECT ID AS id, HOST AS client FROM ${table} WHERE USER = ${literal(name.user)}`);
  if (rows.kind !== 'rows') return outcomeOf(rows);
  // Read after the sessions: whatever was open then is not newer than this mark.
  const moment = await server.query<Moment>(
    `SELECT UNIX_TIMESTAMP(NOW(6)) AS now, MAX(ID) AS top, (SELECT VARIABLE_VALUE FROM ${status} WHERE VARIABLE_NAME = 'Uptime') AS up FROM ${table}`,
  );
  if (moment.kind !== 'rows') return outcomeOf(moment);
  const [at] = moment.rows;
  if (at === undefined || at.up === null) return refused('protocol', 'the server did not say its time');
  const now = dateOf(at.now);
  const upSince = server.marks.upSince(now, Number(at.up));
  const own = server.ids();
  const listed = rows.rows
    .filter(({ client }) => matchOf(name, named.rows, hostOf(client)) !== 'other')
    .map(({ id, client }): Listed => {
      const session = {
        id: `${id}@${server.endpoint.replica}`,
        startedAt: server.marks.startOf(Number(id), upSince),
        from: hostOf(client),
      };
      return { id: Number(id), session: { ...session, own: own.includes(Number(id)) } };
    });
  if (at.top !== null) server.marks.note(now, Number(at.top));
  return done(listed);
}

/** `host:port`, or the host alone. */
function hostOf(client: string | null): string {
  return (client ?? '').replace(/:\d+$/, '');
}

async function endOn(server: Server, account: AccountRef, before: Date, io: Io): Promise<Outcome<{ ended: number; left: number }>> {
  const seen = new Set<number>();
  let forbidden: Fault | undefined;
  let left: readonly Listed[] = [];
  for (let round = 1; round <= rounds; round++) {
    const old = await oldOn(server, account, before);
    if (old.kind !== 'done') return old;
    left = old.value;
    for (const { id } of left) {
      seen.add(id);
      const told = await server.query(server.dialect.kill(id));
      if (told.kind === 'rows') continue;
      const outcome = outcomeOf(told);
      if (outcome.kind === 'refused' && outcome.fault.code === 'not-found') continue;
      if (outcome.kind !== 'refused' || outcome.fault.code !== 'permission') return outcome;
      forbidden = outcome.fault;
    }
    for (let waited = 0; waited < waitMs && left.length > 0 && forbidden === undefined && !io.signal.aborted; waited += 25) {
      const now = await oldOn(server, account, before);
      if (now.kind !== 'done') return now;
      left = now.value;
      if (left.length > 0) await sleep(25);
    }
  }
  const ended = [...seen].filter((each) => !left.some(({ id }) => id === each)).length;
  if (ended === 0 && forbidden !== undefined) {
    const why = `the Rekey account may not end these sessions on ${server.endpoint.replica}: grant it CONNECTION ADMIN (MySQL: CONNECTION_ADMIN)`;
    return refused('permission', why, forbidden.target === undefined ? {} : { target: forbidden.target });
  }
  return done({ ended, left: left.length });
}

/** Those that may have begun before the change. Our own connections are spared by their numbers only. */
async function oldOn(server: Server, account: AccountRef, before: Date): Promise<Outcome<readonly Listed[]>> {
  const listed = await listOn(server, account);
  if (listed.kind !== 'done') return listed;
  return done(listed.value.filter(({ session }) => session.startedAt < before && !session.own));
}
