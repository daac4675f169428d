// A made-up estate of any size, written by the database itself: ten systems, found in pages of a thousand as discovery finds them, three
// consumers an account, some of everything a plan must see.
import type { Sql } from '../../src/store/sql.ts';

export const systems = Array.from({ length: 10 }, (_, i) => `system-${i}`);

/** Adds accounts `from` to `to` (exclusive of `from`). One service in a hundred has its secret in the hands of another account. */
export async function populate(sql: Sql, from: number, to: number): Promise<void> {
  if (from === 0)
    await sql.query(
      `insert into system (id, connector, spec, seen_at) select 'system-' || i, 'bench', 'spec', now() from generate_series(0, 9) i`,
    );
  // In parts: one statement over a million rows would hold their temporary copies at once.
  for (let at = from; at < to; at += 50_000) {
    const until = Math.min(at + 50_000, to);
    await sql.query(
      `insert into account (system, id, name, login, identity, kind, owners, tier, enabled, tags, changed_at)
       select 'system-' || (i / 1000) % 10, 'id-' || i, 'uid=user-' || i || ',ou=people,dc=example,dc=test', 'user-' || i, 'person-' || i / 3,
              case when i % 5 < 3 then 'human' when i % 5 = 3 then 'service' else 'application' end,
              case when i % 50 = 0 then '{}' when i % 99 = 0 then array['a@example.test', 'b@example.test'] else array['owner-' || i % 997 || '@example.test'] end,
              i % 4, i % 20 <> 0, case when i % 7 = 0 then array['payroll'] else '{}' end, timestamptz '2026-01-01' + i * interval '1 second'
         from generate_series($1::int4 + 1, $2::int4) i`,
      [at, until],
    );
    await sql.query(
      `insert into consumer (account, consumer, store, ref, owner, reload, health)
       select a.key, case when n = 1 and i % 500 = 3 and i > 500 then 'system-' || ((i - 495) / 1000) % 10 || '/user-' || (i - 495) else 'workload-' || i || '-' || n end,
              'vault', 'kv/app-' || i || '#' || n, 'team-' || i % 50, 'systemctl reload app', 'http://app.example.test/health'
         from generate_series($1::int4 + 1, $2::int4) i join account a on a.system = 'system-' || (i / 1000) % 10 and a.id = 'id-' || i, generate_series(1, 3) n`,
      [at, until],
    );
  }
  await sql.query('analyze account');
  await sql.query('analyze consumer');
}
