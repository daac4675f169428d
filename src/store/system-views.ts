// Systems as people look at them: counts by SQL, the last discovery, what the lanes of unfinished runs say.
import type { Kind } from '../domain/account.ts';
import type { LaneState } from '../domain/run.ts';
import type { CellVerdict, Level } from '../domain/verdict.ts';
import type { PasswordPolicy } from '../kit/capability.ts';
import type { Sql } from './sql.ts';

export type SystemListRow = {
  readonly id: string;
  readonly connector: string;
  readonly role: 'system' | 'store' | 'path' | 'removed';
  readonly tier: number;
  readonly owner: string | null;
  readonly canary: string | null;
  readonly policy: PasswordPolicy | null;
  readonly policyAt: Date | null;
  readonly cells: Readonly<Record<string, number>> | null;
  readonly count: number;
  readonly withoutOwner: number;
  readonly exposed: number;
  readonly privileged: number;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly found: number | null;
};
export type LaneRow = {
  readonly system: string;
  readonly run: string;
  readonly wave: number;
  readonly state: LaneState;
  readonly reason: string | null;
  readonly since: Date | null;
  readonly perSecond: number | null;
  readonly concurrency: number | null;
};
export type SeenCell = {
  readonly path: string;
  readonly replica: string;
  readonly verdict: CellVerdict;
  readonly level: Level;
  readonly code: string;
  readonly at: Date;
};

/** `owner`: only systems of this owner; null = all. */
export function systemRows(sql: Sql, owner: string | null): Promise<SystemListRow[]> {
  return sql.query<SystemListRow>(
    `select s.id, s.connector, s.role, s.tier::int4 as tier, s.owner, s.canary, s.policy, s.policy_at as "policyAt", s.pace->'cells' as cells,
            coalesce(n.count, 0) as count, coalesce(n.unowned, 0) as "withoutOwner", coalesce(n.exposed, 0) as exposed, coalesce(n.privileged, 0) as privileged,
            d.started_at as "startedAt", d.ended_at as "endedAt", d.found::int4 as found
       from system s left join discovery d on d.system = s.id
       left join (select system, count(*)::int4 as count, (count(*) filter (where owner is null))::int4 as unowned,
                         (count(*) filter (where exposed))::int4 as exposed, (count(*) filter (where privileged))::int4 as privileged
                    from account where gone_at is null group by system) n on n.system = s.id
      where $1::text is null or s.owner = $1 order by s.role = 'removed', s.tier, s.id`,
    [owner],
  );
}

/** Lanes of runs that are not over, newest run first. A lane's last sign of life is when it halted. */
export function openLanes(sql: Sql, system: string | null): Promise<LaneRow[]> {
  return sql.query<LaneRow>(
    `select l.system, r.id as run, l.wave::int4 as wave, l.state, l.reason, case when l.state = 'halted' then l.beat_at end as since,
            (l.stats->>'perSecond')::float8 as "perSecond", (l.stats->>'concurrency')::int4 as concurrency
       from run r join lane l on l.run = r.key where r.state in ('running', 'paused') and ($1::text is null or l.system = $1)
      order by r.key desc, l.wave, l.shard`,
    [system],
  );
}

export function kindsOf(sql: Sql, system: string): Promise<{ kind: Kind; count: number }[]> {
  return sql.query(
    `select kind, count(*)::int4 as count from account where system = $1 and gone_at is null group by kind order by 2 desc, 1`,
    [system],
  );
}

export async function canaryFound(sql: Sql, system: string, account: string): Promise<{ found: boolean; secret: boolean }> {
  const [row] = await sql.query<{ found: boolean; secret: boolean }>(
    `select count(*) > 0 as found, coalesce(bool_or(exists (select from secret x where x.account = a.key and x.state = 'live')), false) as secret
       from account a where a.system = $1 and a.gone_at is null and $2 in (a.name, a.login, a.id, a.locator)`,
    [system, account],
  );
  return row ?? { found: false, secret: false };
}

/** The last cell of each path and replica, among the accounts that were reset last: what each of them proves. */
export function seenCells(sql: Sql, system: string): Promise<SeenCell[]> {
  return sql.query<SeenCell>(
    `with lately as materialized (select key from account where system = $1 and reset_at is not null order by reset_at desc limit 200)
     select distinct on (c.path, c.replica) c.path, c.replica, c.verdict, c.level, c.code, c.at
       from lately join item i on i.account = lately.key join cell c on c.item = i.key order by c.path, c.replica, c.at desc`,
    [system],
  );
}
