// Credentials that wait to be fetched, and who was told of them. Taking note and answering are one statement: nobody is told twice.
import type { EmployeeStore, WaitingPerson } from '../notify/employee-port.ts';
import type { Store } from './sql.ts';

/** Credentials in one pass, all people of the last account with it: a run of 100,000 is told of within minutes, and no pass holds the outbox for long. */
const atOnce = 2000;
/** $1 is now, $2 the window in milliseconds. */
const window = `$2::int8 * interval '1 millisecond'`;
/** $3, in a statement about reminders: how long before the end. */
const lead = `$3::int8 * interval '1 millisecond'`;
const open = (w: string): string => `${w}.opens_at > $1::timestamptz - ${window}`;
const stillWaits = (person: string, plan: string): string => `exists (
  select 1 from credential_told t join waiting_credential w on w.account = t.account and w.version = t.version and w.person = t.person
   where t.person = ${person} and t.plan = ${plan} and ${open('w')})`;

export function waitingCredentials(store: Store): EmployeeStore {
  return {
    takeWaiting: (now, windowMs) =>
      store.query<WaitingPerson>(
        `with ripe as materialized (
           select w.account, w.version, w.person, w.opens_at, (array_agg(r.plan order by r.key desc))[1] as plan
             from run r join item i on i.run = r.key join waiting_credential w on w.account = i.account and w.version = i.version
            where (r.ended_at is null or r.ended_at > $1::timestamptz - ${window}) and i.applied_at is not null and not i.canary and not w.doubt and ${open('w')}
              and not exists (select 1 from credential_told t where t.account = i.account and t.version = i.version)
            group by w.account, w.version, w.person, w.opens_at order by w.account, w.version fetch first ($3::int4) rows with ties),
         noted as (insert into credential_told (account, version, person, plan, told_at)
           select account, version, person, plan, $1::timestamptz from ripe on conflict do nothing)
         select person, plan, min(opens_at) + ${window} as until from ripe
          where not ${stillWaits('ripe.person', 'ripe.plan')} group by person, plan order by person, plan`,
        [now, windowMs, atOnce],
      ),

    // Only rows whose time has come are looked at, and each but once: at 100,000 a look at all of them took ten seconds. Who was told late is told once.
    takeReminders: (now, windowMs, leadMs) =>
      store.query<WaitingPerson>(
        `with ripe as materialized (
           select account, version, person, plan from credential_told
            where reminded_at is null and told_at > $1::timestamptz - ${window} and told_at <= $1::timestamptz - ${window} + ${lead}
            order by told_at, person fetch first ($4::int4) rows with ties),
         late as materialized (
           select t.person, t.plan, min(w.opens_at) + ${window} as until
             from ripe t join waiting_credential w on w.account = t.account and w.version = t.version and w.person = t.person
            where not w.doubt and ${open('w')} and w.opens_at + ${window} <= $1::timestamptz + ${lead} group by t.person, t.plan),
         reminded as (update credential_told t set reminded_at = $1::timestamptz from late
           where t.person = late.person and t.plan = late.plan and t.reminded_at is null),
         fetched as (update credential_told t set reminded_at = $1::timestamptz from ripe r
           where t.account = r.account and t.version = r.version and t.person = r.person
             and not exists (select 1 from waiting_credential w where w.account = r.account and w.version = r.version and w.person = r.person))
         select person, plan, until from late order by person, plan`,
        [now, windowMs, leadMs, atOnce],
      ),

    withdrawFetched: async (now, windowMs) => {
      await store.query(
        `update notice n set state = 'withdrawn' where n.kind = 'credential' and n.state = 'waiting' and n.due_at <= $1::timestamptz
            and not ${stillWaits('n.person', 'n.thread')}`,
        [now, windowMs],
      );
      await store.query(
        `update message m set state = 'withdrawn' where m.template = 'credential' and m.state = 'ready' and not ${stillWaits('m.person', 'm.thread')}`,
        [now, windowMs],
      );
    },

    mailOf: async (people) => {
      const rows = await store.query<{ person: string; mail: string }>(
        `select p.person, coalesce(
             (select m.email from member m where lower(m.identity) = lower(p.person) and m.email is not null and m.disabled_at is null),
             (select min(a.mail) from (select distinct lower(coalesce(a.facts->>'mail', a.facts->>'email')) as mail from account a
                where a.identity = p.person and a.kind = 'human' and a.gone_at is null) a having count(a.mail) = 1)) as mail
           from unnest($1::text[]) p(person)`,
        [people],
      );
      return new Map(rows.flatMap(({ person, mail }) => (mail === null ? [] : [[person, mail] as const])));
    },
  };
}
