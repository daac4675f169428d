// What was told long ago goes: events, notices and messages are for the people who work on an incident, the evidence log keeps what happened.
import type { Sql } from './sql.ts';

/** An incident is reviewed within a quarter. Without an end the tables would grow with every run. */
const keptDays = 90;
/** Of each table at a time: a sweep that finds a year of rows ends in milliseconds, and the next one goes on. */
const atOnce = 5000;
/** Found by looking, not told by a change: gone, they would be found and told once more. At most two for each plan. */
const foundOnce = ['plan.expired', 'run.unknown'];

/** Who was asked to approve a plan that still waits is remembered: a plan may wait for a year, and they hear when they are needed no more. */
export function toldRows(sql: Sql): { sweep(): Promise<void> } {
  const old = `< now() - $1::int4 * interval '1 day'`;
  return {
    async sweep() {
      const most = [keptDays, atOnce] as const;
      await sql.query(
        `delete from notice where key in (select n.key from notice n where n.state <> 'waiting' and n.created_at ${old}
            and not exists (select 1 from message m where m.key = n.message and m.state in ('ready', 'sending'))
            and not (n.ask and exists (select 1 from plan p where p.id = n.thread and p.expires_at > now())) limit $2::int4)`,
        most,
      );
      await sql.query(
        `delete from message where key in (select key from message where state not in ('ready', 'sending') and created_at ${old} limit $2::int4)`,
        most,
      );
      await sql.query(
        `delete from event where key in (select e.key from event e where e.told_at ${old} and e.kind <> all($3::text[])
            and not exists (select 1 from notice n where n.event = e.key) limit $2::int4)`,
        [...most, foundOnce],
      );
      // The next word about that run is a new post.
      await sql.query(
        `delete from chat_post p where not exists (select 1 from message m where m.channel = p.channel and m.thread = p.thread)
            and not exists (select 1 from event e where e.plan = p.thread and e.told_at is null)`,
      );
    },
  };
}
