// Plans and the snapshots they are made from. Selected accounts come in keyset pages, items go in by unnest; nothing here decides anything.
import type { Kind } from '../domain/account.ts';
import { compileSelector } from '../domain/selector/compile.ts';
import type { PasswordPolicy } from '../kit/capability.ts';
import type {
  AccountSnapshot,
  ConsumerSnapshot,
  Edge,
  FullSnapshot,
  MailedEmployees,
  MeasuredPace,
  PlanDraft,
  PlanItemRow,
  PlanRecord,
  PlanStore,
  Snapshot,
} from '../plan/port.ts';
import type { Sql, Store } from './sql.ts';

type AccountRow = Omit<AccountSnapshot, 'key' | 'kind'> & { key: string; kind: Kind };
type FullRow = AccountRow & { consumers: readonly ConsumerSnapshot[] | null; old_known: boolean; other_secrets: readonly string[] | null };
type RecordRow = { id: string; name: string; hash: string; header: string; created_at: Date; created_by: string; expires_at: Date };
type ItemRow = Omit<PlanItemRow, 'account'> & { account: string };

const accountColumns = `a.key::text as key, a.system, a.id, a.name, a.login, a.identity, a.kind, a.owners, a.managed, a.tier, a.tags,
  a.privileged, a.shared, a.enabled, a.exposed, a.gone_at is not null as gone, coalesce(a.facts @> '{"own": true}', false) as own,
  case when jsonb_typeof(a.facts->'byHand') = 'object' then a.facts->'byHand' end as "byHand",
  case when jsonb_typeof(a.facts->'generations') = 'object' then a.facts->'generations' end as generations, a.person, a.person_why as "personWhy"`;
const recordColumns = 'id, name, hash, header, created_at, created_by, expires_at';

const toAccount = (row: AccountRow): AccountSnapshot => ({ ...row, key: Number(row.key) });
const toRecord = (r: RecordRow): PlanRecord => ({
  id: r.id,
  name: r.name,
  hash: r.hash,
  header: r.header,
  createdAt: r.created_at,
  createdBy: r.created_by,
  expiresAt: r.expires_at,
});

export function planStore(store: Store): PlanStore {
  // Repeatable read: every statement of a plan sees the estate of its first one.
  const oneSnapshot = <T>(work: (sql: Sql) => Promise<T>): Promise<T> =>
    store.transaction(async (sql) => {
      await sql.query('set transaction isolation level repeatable read');
      return work(sql);
    });
  return {
    draft: (work) => oneSnapshot((sql) => work(draft(sql))),
    read: (work) => oneSnapshot((sql) => work(snapshot(sql))),
    async record(id) {
      const [row] = await store.query<RecordRow>(`select ${recordColumns} from plan where id = $1`, [id]);
      return row === undefined ? undefined : toRecord(row);
    },
    async records(limit, before) {
      const rows = await store.query<RecordRow>(
        `select ${recordColumns} from plan where $1::timestamptz is null or (created_at, id) < ($1, $2::text) order by created_at desc, id desc limit $3::int4`,
        [before?.createdAt ?? null, before?.id ?? null, limit],
      );
      return rows.map(toRecord);
    },
    async items(plan, after, limit, only) {
      const rows = await store.query<ItemRow>(
        `select seq, wave, account::text as account, system, action, canary, line, fingerprint
           from plan_item where plan = $1 and seq > $2::int4 and ($4::int2 is null or wave = $4) and ($5::text is null or action = $5) order by seq limit $3::int4`,
        [plan, after, limit, only?.wave ?? null, only?.action ?? null],
      );
      return rows.map((row) => ({ ...row, account: Number(row.account) }));
    },
  };
}

function draft(sql: Sql): PlanDraft {
  return {
    ...snapshot(sql),
    async begin({ id, name, createdAt, createdBy, expiresAt }) {
      await sql.query(`insert into plan (id, name, hash, header, created_at, created_by, expires_at) values ($1, $2, '', '', $3, $4, $5)`, [
        id,
        name,
        createdAt,
        createdBy,
        expiresAt,
      ]);
    },
    async add(plan, items) {
      await sql.query(
        `insert into plan_item (plan, seq, wave, account, system, action, canary, line, fingerprint)
         select $1, * from unnest($2::int4[], $3::int2[], $4::int8[], $5::text[], $6::text[], $7::bool[], $8::text[], $9::text[])`,
        [
          plan,
          items.map((i) => i.seq),
          items.map((i) => i.wave),
          items.map((i) => i.account),
          items.map((i) => i.system),
          items.map((i) => i.action),
          items.map((i) => i.canary),
          items.map((i) => i.line),
          items.map((i) => i.fingerprint),
        ],
      );
    },
    async mailboxes(plan, addresses) {
      if (addresses.length === 0) return [];
      const rows = await sql.query<{ address: string; exposed: boolean }>(
        `select w.address, bool_or(a.exposed) as exposed from unnest($2::text[]) w(address)
           join account a on a.gone_at is null and lower(w.address) in (lower(a.identity), lower(a.person), lower(a.login), lower(a.name), lower(a.facts->>'mail'))
          where a.exposed or exists (select from plan_item p where p.plan = $1 and p.account = a.key and p.action in ('rotate', 'contain', 'by-hand'))
          group by w.address order by 2 desc, 1`,
        [plan, addresses],
      );
      return rows.map(({ address, exposed }) => ({ address, how: exposed ? 'exposed' : 'selected' }));
    },
    async employees(plan, { known, elsewhere }, limit) {
      const [row] = await sql.query<MailedEmployees>(
        `with told as (
           select a.identity as person, a.exposed, lower(coalesce(k.mail, m.email, a.facts->>'mail', a.facts->>'email', a.identity)) as address,
                  array[lower(a.identity), lower(a.person), lower(a.login), lower(a.name), lower(a.facts->>'mail'), lower(a.facts->>'email')] as names
             from plan_item p join account a on a.key = p.account
             left join unnest($2::text[], $3::text[]) k(name, mail) on k.name = a.identity
             left join member m on lower(m.identity) = lower(a.identity) and m.disabled_at is null
            where p.plan = $1 and p.action in ('rotate', 'contain') and a.identity is not null and a.identity <> all($4::text[])),
         touched as materialized (select person, bool_or(exposed) as exposed from told where address = any(names) group by person)
         select (select count(*)::int4 from touched) as count, (select count(*)::int4 from touched where exposed) as exposed,
                array(select person from touched order by exposed desc, person limit $5::int4) as sample`,
        [plan, known.map(({ name }) => name), known.map(({ mail }) => mail), elsewhere, limit],
      );
      return row ?? { count: 0, exposed: 0, sample: [] };
    },
    async people(plan, limit) {
      const [row] = await sql.query<{ count: number; further: number; sample: readonly string[] }>(
        `with here as materialized (select distinct a.person from plan_item p join account a on a.key = p.account where p.plan = $1 and p.action = 'rotate' and a.person is not null),
              beyond as materialized (select h.person from here h where exists (select from account a where a.person = h.person and a.gone_at is null
                and not exists (select from plan_item p where p.plan = $1 and p.account = a.key)))
         select (select count(*)::int4 from here) as count, (select count(*)::int4 from beyond) as further,
                array(select person from beyond order by person limit $2::int4) as sample`,
        [plan, limit],
      );
      return row ?? { count: 0, further: 0, sample: [] };
    },
    async finish(plan, header, hash) {
      await sql.query('update plan set header = $2, hash = $3 where id = $1', [plan, header, hash]);
    },
  };
}

function snapshot(sql: Sql): Snapshot {
  return {
    async systems() {
      const rows = await sql.query<{ id: string; discovered: boolean; pace: MeasuredPace; policy: PasswordPolicy | null; read: boolean }>(
        `select s.id, s.pace, s.policy, s.policy_at is not null as read, s.seen_at is not null or coalesce(d.ended_at is not null, false) as discovered
           from system s left join discovery d on d.system = s.id order by s.id`,
      );
      return rows.map(({ read, policy, ...row }) => ({ ...row, policy: read ? policy : undefined }));
    },
    async page({ where, now }, after, limit) {
      const { sql: condition, params } = compileSelector(where, { firstParam: 3, now });
      const rows = await sql.query<AccountRow>(
        `select ${accountColumns} from account a where a.key > $1::int8 and ${condition} order by a.key limit $2::int4`,
        [after, limit, ...params],
      );
      return rows.map(toAccount);
    },
    async accounts(keys) {
      const rows = await sql.query<FullRow>(
        `select ${accountColumns}, c.consumers,
                exists (select from secret s where s.account = a.key
                          and (s.origin = 'generated' and s.state = 'live' or s.origin <> 'generated' and s.state <> 'disproved')) as old_known,
                case when jsonb_typeof(a.facts->'otherSecrets') = 'array' then a.facts->'otherSecrets' end as other_secrets
           from account a
           left join lateral (select json_agg(json_build_array(c.consumer, c.store, c.ref, c.reload, c.health) order by c.consumer collate "C") as consumers
                                from consumer c where c.account = a.key) c on true
          where a.key = any($1::int8[])`,
        [keys],
      );
      return rows.map(toFull);
    },
    async find(system, account) {
      const rows = await sql.query<AccountRow>(
        `select ${accountColumns} from account a where a.system = $1 and (a.name = $2 or a.login = $2 or a.id = $2) order by a.key`,
        [system, account],
      );
      return rows.map(toAccount);
    },
    async edges({ where, now }, after, limit) {
      const { sql: condition, params } = compileSelector(where, { firstParam: 3, now });
      // Three unions instead of one `or`: each is one index look-up, with or without statistics.
      const rows = await sql.query<{ consumer: string; used: string; by: readonly string[] | null }>(
        `select c.key::text as consumer, c.account::text as used, array(
                  select b.key::text from account b where b.system = split_part(c.consumer, '/', 1) and b.name = substr(c.consumer, strpos(c.consumer, '/') + 1)
                  union select b.key::text from account b where b.system = split_part(c.consumer, '/', 1) and b.login = substr(c.consumer, strpos(c.consumer, '/') + 1)
                  union select b.key::text from account b where b.system = split_part(c.consumer, '/', 1) and b.id = substr(c.consumer, strpos(c.consumer, '/') + 1)
                ) as by
           from consumer c join account a on a.key = c.account
          where c.key > $1::int8 and strpos(c.consumer, '/') > 0 and ${condition} order by c.key limit $2::int4`,
        [after, limit, ...params],
      );
      const edges: Edge[] = rows.flatMap(({ used, by }) =>
        by === null || by.length === 0 ? [] : [{ used: Number(used), by: by.map(Number).sort((x, y) => x - y) }],
      );
      const last = rows[rows.length - 1];
      return { edges, next: rows.length < limit || last === undefined ? undefined : Number(last.consumer) };
    },
    async disabledOwners(also) {
      const rows = await sql.query<{ identity: string }>(
        `with gone as (select identity from account where identity is not null group by identity having not bool_or(enabled and gone_at is null))
         select identity from gone where identity = any($1::text[])
         union select gone.identity from gone join (select distinct owner from account where owner is not null) used on used.owner = gone.identity`,
        [also],
      );
      return rows.map((row) => row.identity);
    },
    async breakGlass() {
      const rows = await sql.query<{ system: string; n: number }>(
        `select system, count(*)::int4 as n from account where tags && array['break-glass', 'breakglass'] and enabled and gone_at is null group by system`,
      );
      return new Map(rows.map(({ system, n }) => [system, n]));
    },
    async unplanned({ where, now }, plan, limit) {
      const { sql: condition, params } = compileSelector(where, { firstParam: 3, now });
      const [row] = await sql.query<{ n: number; sample: readonly string[] | null }>(
        `with fresh as materialized (
           select a.key, a.system || '/' || a.name as label from account a
            where ${condition} and not exists (select from plan_item p where p.plan = $1 and p.account = a.key))
         select (select count(*)::int4 from fresh) as n, array(select label from fresh order by key limit $2::int4) as sample`,
        [plan, limit, ...params],
      );
      return { count: row?.n ?? 0, sample: row?.sample ?? [] };
    },
  };
}

function toFull({ consumers, old_known, other_secrets, ...row }: FullRow): FullSnapshot {
  return { ...toAccount(row), consumers: consumers ?? [], oldKnown: old_known, otherSecrets: other_secrets ?? [] };
}
