// What was open long ago goes: sessions, and counts of fetches. That somebody signed in or fetched stands in the evidence log, which keeps it.
import type { Sql } from './sql.ts';

/** An incident is reviewed within a quarter. A company of ten thousand leaves as many sessions a day. */
const keptDays = 90;
/** A year of them at the first sweep must not hold the table: the next sweep goes on. */
const atOnce = 5000;

export function pastSessions(sql: Sql): { sweep(): Promise<void> } {
  return {
    async sweep() {
      await sql.query(
        `delete from session where id in (select id from session where expires_at < now() - $1::int4 * interval '1 day' limit $2::int4)`,
        [keptDays, atOnce],
      );
      // Counted within an hour; one a day old counts for nobody.
      await sql.query(`delete from delivery_rate where since < now() - interval '1 day'`);
    },
  };
}
