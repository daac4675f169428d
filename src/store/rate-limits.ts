// How often somebody asked, in fixed windows by the store's clock. One statement per hit, so that two servers count as one.
import { createHash } from 'node:crypto';
import type { RateLimits } from '../http/port.ts';
import type { Sql } from './sql.ts';

export function rateLimits(sql: Sql): RateLimits & { sweep(): Promise<void> } {
  return {
    async hit(key, { limit, windowMs, cost = 1 }) {
      const [row] = await sql.query<{ hits: string; left: number }>(
        `insert into rate_limit as r (key, hits, ends_at) values ($1, $2::int8, clock_timestamp() + $3::float8 * interval '1 millisecond')
         on conflict (key) do update set
           hits = case when r.ends_at <= clock_timestamp() then excluded.hits else r.hits + excluded.hits end,
           ends_at = case when r.ends_at <= clock_timestamp() then excluded.ends_at else r.ends_at end
         returning hits::text as hits, extract(epoch from ends_at - clock_timestamp())::float8 * 1000 as left`,
        [createHash('sha256').update(key).digest(), cost, windowMs],
      );
      if (row === undefined) throw new Error('an upsert returns its row');
      return Number(row.hits) <= limit ? { ok: true, retryAfterMs: 0 } : { ok: false, retryAfterMs: Math.max(1, Math.ceil(row.left)) };
    },
    async sweep() {
      await sql.query(`delete from rate_limit where ends_at < clock_timestamp()`);
    },
  };
}
