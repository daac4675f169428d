// The figures a monitoring system watches, counted by SQL when it asks. Numbers by state only: no name of an account, a system or a person.
import type { Sql } from './sql.ts';

export type ServerNumbers = {
  /** Of runs that have not ended, and what stands open of those that have. */
  readonly items: Readonly<Record<string, number>>;
  readonly lanes: Readonly<Record<string, number>>;
  readonly runs: Readonly<Record<string, number>>;
  /** Jobs that wait or are in hand, by queue. */
  readonly queued: Readonly<Record<string, number>>;
  /** Seconds since the oldest beat of a lane in hand: a worker that hangs shows here. */
  readonly oldestBeat: number;
};

export async function serverNumbers(sql: Sql): Promise<ServerNumbers> {
  const items = await sql.query<Counted>(
    `select i.state as name, count(*)::int as n from item i join run r on r.key = i.run
      where r.state in ('running', 'paused') or i.state in ('in-doubt', 'residual') group by 1`,
  );
  const lanes = await sql.query<Counted>(
    `select l.state as name, count(*)::int as n from lane l join run r on r.key = l.run where r.state in ('running', 'paused') group by 1`,
  );
  const runs = await sql.query<Counted>(`select state as name, count(*)::int as n from run group by 1`);
  const queued = await sql.query<Counted>(
    `select name, count(*)::int as n from pgboss.job where state in ('created', 'retry', 'active') and name in ('lane', 'advance') group by 1`,
  );
  const [beat] = await sql.query<{ s: number }>(
    `select coalesce(extract(epoch from now() - min(beat_at)), 0)::float8 as s from lane where state = 'running' and owner is not null`,
  );
  return { items: byName(items), lanes: byName(lanes), runs: byName(runs), queued: byName(queued), oldestBeat: beat?.s ?? 0 };
}

type Counted = { readonly name: string; readonly n: number };
const byName = (rows: readonly Counted[]): Record<string, number> => Object.fromEntries(rows.map(({ name, n }) => [name, n]));
