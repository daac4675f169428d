// Events, notices and the outbox as rows. Order is that of commits per conversation; what is claimed is fenced by its number of tries.
import type { ItemState } from '../domain/item.ts';
import type { OutsideEvent } from '../domain/outside-event.ts';
import type { Event, NoticeStore, Outgoing, PlanFacts, Recipient, Waiting } from '../notify/port.ts';
import type { Store } from './sql.ts';

/** Any number that nothing else in this database locks. */
const tellLock = 0x72656b66;
const endKinds = ['run.complete', 'run.residual', 'run.incomplete'];

export function noticeStore(store: Store): NoticeStore {
  return {
    exclusively: (work) =>
      store.transaction(async (sql) => {
        const [row] = await sql.query<{ mine: boolean }>(`select pg_try_advisory_xact_lock($1::int8) as mine`, [tellLock]);
        if (row?.mine !== true) return false;
        await work();
        return true;
      }),

    look: async (now, unknownAbove) => {
      await store.query(
        `insert into event(kind, plan, detail) select 'plan.expired', n.thread, '{}' from (select distinct thread from notice where ask and state <> 'withdrawn') n
           join plan p on p.id = n.thread where p.expires_at <= $1::timestamptz and not exists (select 1 from run r where r.plan = p.id) on conflict do nothing`,
        [now],
      );
      await store.query(
        `insert into event(kind, plan, run, detail) select 'run.unknown', r.plan, r.id, jsonb_build_object('count', c.n)
           from run r cross join lateral (select count(*)::int as n from item i where i.run = r.key and i.state = 'in-doubt') c
          where r.state in ('running', 'paused') and c.n > $1::int4 on conflict do nothing`,
        [unknownAbove],
      );
    },

    untold: async (limit) =>
      store.query<Event>(
        `select key::text as key, at, kind, plan, run, detail from event
          where told_at is null and (xid < pg_snapshot_xmin(pg_current_snapshot()) or xid = pg_current_xact_id()) order by event.key limit $1::int4`,
        [limit],
      ),

    facts: (event) => facts(store, event),

    markTold: async (events, now) => {
      if (events.length > 0) await store.query(`update event set told_at = $2::timestamptz where key = any($1::int8[])`, [events, now]);
    },

    add: async (notices) => {
      for (const n of notices)
        await store.query(
          `insert into notice(event, channel, person, thread, kind, ask, urgent, body, due_at) values ($1::int8, $2, $3, $4, $5, $6::bool, $7::bool, $8::jsonb, $9::timestamptz) on conflict do nothing`,
          [n.event, n.channel, n.person, n.thread, n.kind, n.ask, n.urgent, JSON.stringify(n.body), n.dueAt],
        );
    },

    withdrawAsks: async (thread, still) => {
      const asks = `n.thread = $1 and n.ask and n.person <> all($2::text[])`;
      // First the messages that hold nothing else and are not on their way yet: their notices were never read.
      await store.query(
        `with m as (update message m set state = 'withdrawn' where m.thread = $1 and m.state = 'ready' and m.tries = 0 and m.person <> all($2::text[])
            and exists (select 1 from notice n where n.message = m.key and n.ask) and not exists (select 1 from notice n where n.message = m.key and not n.ask) returning m.key)
         update notice n set state = 'withdrawn' from m where n.message = m.key`,
        [thread, still],
      );
      await store.query(`update notice n set state = 'withdrawn' where ${asks} and n.state = 'waiting'`, [thread, still]);
      // A word of withdrawal goes to each once, and only to those who were asked and not told otherwise since.
      return store.query<Recipient>(`update notice n set ask = false where ${asks} and n.state = 'bundled' returning n.channel, n.person`, [
        thread,
        still,
      ]);
    },

    due: async (now) =>
      (
        await store.query<Omit<Waiting, 'dueAt'> & { due_at: Date }>(
          `select n.key::text as key, n.event::text as event, n.channel, n.person, n.thread, n.kind, n.ask, n.urgent, n.body, n.due_at from notice n
            where n.state = 'waiting' and exists (select 1 from notice d where d.state = 'waiting' and d.channel = n.channel and d.person = n.person and d.thread = n.thread and d.due_at <= $1::timestamptz)
            order by n.key limit 5000`,
          [now],
        )
      ).map(({ due_at, ...rest }) => ({ ...rest, dueAt: due_at })),

    enqueue: async (messages, now) => {
      for (const m of messages)
        await store.query(
          `with m as (insert into message(id, channel, person, address, thread, template, body, next_at, created_at)
              values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::timestamptz, $9::timestamptz) returning key)
           update notice n set state = 'bundled', message = m.key from m where n.key = any($10::int8[])`,
          [m.id, m.channel, m.person, m.address, m.thread, m.template, JSON.stringify(m.body), now, m.createdAt, m.notices],
        );
    },

    claim: async (now, until, limit) =>
      store.query<Outgoing>(
        `update message set state = 'sending', tries = tries + 1, held_until = $2::timestamptz where key in (
           select m.key from message m where (m.state = 'ready' and m.next_at <= $1::timestamptz or m.state = 'sending' and m.held_until <= $1::timestamptz)
              and not exists (select 1 from message e where e.channel = m.channel and e.person = m.person and e.thread = m.thread and e.key < m.key and e.state in ('ready', 'sending'))
            order by m.key limit $3::int4 for update skip locked)
         returning key::text as key, id, channel, person, address, thread, template, body, created_at as "createdAt", tries`,
        [now, until, limit],
      ),

    settle: async ({ key, tries }, { state, reason, at }) => {
      await store.query(
        `update message set state = $3, reason = $4, held_until = null, next_at = $5::timestamptz, sent_at = case when $3 = 'sent' then $5::timestamptz end
          where key = $1::int8 and tries = $2::int4 and state = 'sending'`,
        [key, tries, state, reason, at],
      );
    },

    posted: async (channel, thread) => {
      const [row] = await store.query<{ remote: string }>(`select remote from chat_post where channel = $1 and thread = $2`, [
        channel,
        thread,
      ]);
      return row?.remote;
    },

    rememberPost: async (channel, thread, remote) => {
      await store.query(
        `insert into chat_post(channel, thread, remote) values ($1, $2, $3) on conflict (channel, thread) do update set remote = excluded.remote`,
        [channel, thread, remote],
      );
    },

    memberMail: async (names) => {
      const rows = await store.query<{ name: string; email: string }>(
        `select lower(name) as name, email from member where lower(name) = any($1::text[]) and email is not null and disabled_at is null`,
        [names.map((name) => name.toLowerCase())],
      );
      return new Map(rows.map(({ name, email }) => [name, email]));
    },
  };
}

type FactsRow = {
  id: string;
  name: string;
  reason: string;
  incident: string | null;
  created_by: string;
  expires_at: Date;
  tier0: boolean;
  work: number;
  run: string | null;
  started_by: string | null;
  ended_before: OutsideEvent | null;
};

async function facts(store: Store, event: Event): Promise<PlanFacts | undefined> {
  const [row] = await store.query<FactsRow>(
    `select p.id, p.name, h.header->>'reason' as reason, h.header->>'incident' as incident, p.created_by, p.expires_at,
            (h.header->'totals'->>'tier0')::int > 0 as tier0,
            ((h.header->'totals'->>'rotate')::int + (h.header->'totals'->>'contain')::int + (h.header->'totals'->>'byHand')::int) as work,
            r.id as run, r.started_by,
            (select e.kind from event e where e.run = r.id and e.kind = any($3::text[]) and e.key < $2::int8 order by e.key desc limit 1) as ended_before
       from plan p cross join lateral (select p.header::json as header offset 0) h left join run r on r.plan = p.id where p.id = $1 and p.hash <> ''`,
    [event.plan, event.key, endKinds],
  );
  if (row === undefined) return undefined;
  const wave = event.kind === 'wave.done' ? (event.detail.wave ?? null) : null;
  const counted = event.kind === 'wave.done' || event.kind === 'run.unknown' || endKinds.includes(event.kind);
  const counts = !counted
    ? []
    : await store.query<{ state: ItemState; n: number }>(
        `select i.state, count(*)::int as n from item i join run r on r.key = i.run where r.id = $1 and ($2::int4 is null or i.wave = $2::int4) group by i.state`,
        [event.run, wave],
      );
  return {
    id: row.id,
    name: row.name,
    reason: row.reason,
    incident: row.incident,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    tier0: row.tier0,
    work: row.work,
    run: row.run === null ? null : { id: row.run, startedBy: row.started_by ?? '' },
    counts: Object.fromEntries(counts.map(({ state, n }) => [state, n])),
    endedBefore: row.ended_before,
  };
}
