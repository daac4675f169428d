// Claims of people: what waits follows from account and escrow, what happened stands in its own table, written together with its audit entry.
import type { AccountClaim, Claimable, ClaimRow, ClaimStore, RunClaim } from '../deliver/claim-port.ts';
import type { DeliveryAccount } from '../deliver/port.ts';
import { appendEntries } from './evidence.ts';
import type { Store } from './sql.ts';

const claimColumns =
  'c.opens_at as "opensAt", c.revealed_at as "revealedAt", c.revealed_until as "revealedUntil", c.session, c.reveals, c.kept_at as "keptAt"';

/** The identity uses the account; the owner answers for it, but not for the account of somebody else who is known. */
const mayFetch = `(a.identity = $1 or (a.owner = $1 and (a.kind <> 'human' or a.identity is null)))`;

/** What lies in the escrow of a key with generations is a ticket taken for its proof: nobody's to fetch. */
const fetched = `a.gone_at is null and not a.facts ? 'generations'`;
const live = `join lateral (select version, created_at from secret where account = a.key and origin = 'generated' and state = 'live'
                 order by key desc limit 1) s on true`;
const present = `s.version, coalesce(a.reset_at, s.created_at) as "setAt", ${claimColumns},
    exists (select 1 from item i where i.account = a.key and i.version is distinct from s.version and i.state in ('sent', 'in-doubt')) as doubt`;

const claimable = `select a.key::text as key, a.system, a.id, a.name, a.login, a.kind, a.identity, a.owner, ${present}
  from account a ${live}
  left join claim c on c.account = a.key and c.version = s.version and c.person = $1
  where ${fetched} and ${mayFetch}`;

/** Who may fetch it, and who did while they might. */
const entitled = `select p.person, ${present}
  from account a ${live}
  cross join lateral (
    select a.identity as person where a.identity is not null
    union select a.owner where a.owner is not null and (a.kind <> 'human' or a.identity is null)
    union select person from claim where account = a.key and version = s.version) p
  left join claim c on c.account = a.key and c.version = s.version and c.person = p.person
  where ${fetched} and a.key = $1::int8 order by p.person`;

const state = (current: string): string => `case
  when c.revealed_at is not null and (c.kept_at is not null or c.revealed_until <= $2) then 'used'
  when not ${current} then 'withdrawn'
  when c.revealed_at is not null then 'revealed'
  when coalesce(c.opens_at, i.applied_at) + $3::int8 * interval '1 millisecond' <= $2 then 'expired'
  else 'waiting' end`;
const isLive = `exists (select 1 from secret s where s.account = i.account and s.origin = 'generated' and s.version = i.version and s.state = 'live')`;
const owned = (own: string): string => `(${own}::text is null or a.owner = ${own} or a.identity = ${own})`;
/** An item has something to fetch from the moment its value was confirmed. */
const fetchable = 'i.version is not null and i.applied_at is not null';

type Row = DeliveryAccount & Partial<ClaimRow> & { version: number; setAt: Date; doubt: boolean };

export function claimStore(store: Store): ClaimStore {
  return {
    async mine(person, { cursor, limit }) {
      const rows = await store.query<Row>(`${claimable} and a.key > $2::int8 order by a.key limit $3::int4`, [
        person,
        /^\d{1,18}$/.test(cursor ?? '') ? cursor : '0',
        limit + 1,
      ]);
      return paged(rows, limit, (row) => row.key, read);
    },
    async one(person, account) {
      const [row] = await store.query<Row>(`${claimable} and a.key = $2::int8`, [person, account]);
      return row && read(row);
    },
    async ofAccount(account) {
      const rows = await store.query<Omit<AccountClaim, 'claim'> & Partial<ClaimRow>>(entitled, [account]);
      return rows.map(({ person, version, setAt, doubt, ...row }) => ({
        person,
        version,
        setAt,
        doubt,
        claim: claimOf(row) ?? untouched(setAt),
      }));
    },
    async change({ account, version, person }, setAt, decide) {
      const key = [account, version, person];
      const result = await store.transaction(async (sql) => {
        await sql.query(
          'insert into claim (account, version, person, opens_at) values ($1::int8, $2::int4, $3, $4) on conflict do nothing',
          [...key, setAt],
        );
        const [row] = await sql.query<ClaimRow>(
          `select ${claimColumns} from claim c where account = $1::int8 and version = $2::int4 and person = $3 for update`,
          key,
        );
        if (row === undefined) throw new Error('a claim vanished under its lock');
        const decided = decide(row);
        if (decided.next !== undefined) {
          const { opensAt, revealedAt, revealedUntil, session, reveals, keptAt } = decided.next;
          await sql.query(
            `update claim set opens_at = $4, revealed_at = $5, revealed_until = $6, session = $7, reveals = $8::int4, kept_at = $9
              where account = $1::int8 and version = $2::int4 and person = $3`,
            [...key, opensAt, revealedAt, revealedUntil, session, reveals, keptAt],
          );
        }
        await appendEntries(sql, 'estate', decided.lines);
        return decided.result;
      });
      // `fresh` refuses inside a transaction: an audit entry that an outer transaction could still roll back is no audit entry.
      await store.fresh.query('select 1');
      return result;
    },
    async spend(who, now, perHour) {
      const rows = await store.query(
        `insert into delivery_rate as r (who, since, tries) values ($1, $2, 1)
         on conflict (who) do update set
           since = case when r.since <= $2::timestamptz - interval '1 hour' then $2 else r.since end,
           tries = case when r.since <= $2::timestamptz - interval '1 hour' then 1 else r.tries + 1 end
         where r.tries < $3::int4 or r.since <= $2::timestamptz - interval '1 hour' returning 1`,
        [who, now, perHour],
      );
      return rows.length === 1;
    },
    async ofRun(run, own, { cursor, limit }) {
      const rows = await store.query<Omit<RunClaim, 'claim'> & Partial<ClaimRow> & { key: string; setAt: Date }>(
        `select i.key::text || coalesce('/' || c.person, '') as key, a.system, a.name as account, coalesce(c.person, a.identity, a.owner) as person, i.version,
            ${isLive} as current, i.applied_at as "setAt", ${claimColumns}
           from item i join account a on a.key = i.account left join claim c on c.account = i.account and c.version = i.version
          where i.run = (select key from run where id = $1) and ${fetchable} and (i.key, coalesce(c.person, '')) > ($2::int8, $3) and ${owned('$5')}
          order by i.key, coalesce(c.person, '') limit $4::int4`,
        [run, ...after(cursor), limit + 1, own],
      );
      return paged(
        rows,
        limit,
        (row) => row.key,
        ({ key: _, setAt, ...row }) => ({
          system: row.system,
          account: row.account,
          person: row.person,
          version: row.version,
          current: row.current,
          claim: claimOf(row) ?? untouched(setAt),
        }),
      );
    },
    async countsOfRun(run, own, now, windowMs) {
      const rows = await store.query<{ state: keyof typeof none; n: number }>(
        `select ${state(isLive)} as state, count(*)::int4 as n
           from item i join account a on a.key = i.account left join claim c on c.account = i.account and c.version = i.version
          where i.run = (select key from run where id = $1) and ${fetchable} and ${owned('$4')} group by 1`,
        [run, now, windowMs, own],
      );
      return { ...none, ...Object.fromEntries(rows.map((row) => [row.state, row.n])) };
    },
  };
}

const none = { waiting: 0, revealed: 0, used: 0, expired: 0, withdrawn: 0 };

const untouched = (setAt: Date): ClaimRow => ({
  opensAt: setAt,
  revealedAt: null,
  revealedUntil: null,
  session: null,
  reveals: 0,
  keptAt: null,
});

function claimOf({ opensAt, revealedAt, revealedUntil, session, reveals, keptAt }: Partial<ClaimRow>): ClaimRow | null {
  if (!opensAt) return null; // the outer join found no row: every column is null
  return {
    opensAt,
    revealedAt: revealedAt ?? null,
    revealedUntil: revealedUntil ?? null,
    session: session ?? null,
    reveals: reveals ?? 0,
    keptAt: keptAt ?? null,
  };
}

function read(row: Row): Claimable {
  const { key, system, id, name, login, kind, identity, owner } = row;
  const account = { key, system, id, name, login, kind, identity, owner };
  return { account, version: row.version, setAt: row.setAt, doubt: row.doubt, claim: claimOf(row) };
}

/** `ITEM/PERSON`: persons may hold any character, item keys are digits. */
function after(cursor: string | undefined): [string, string] {
  const [, item = '0', person = ''] = /^(\d{1,18})(?:\/(.*))?$/s.exec(cursor ?? '') ?? [];
  return [item, person];
}

function paged<Raw, Out>(rows: readonly Raw[], limit: number, key: (row: Raw) => string, out: (row: Raw) => Out) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items: items.map(out), ...(rows.length > limit && last !== undefined ? { cursor: key(last) } : {}) };
}
