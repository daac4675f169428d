// What waits for a person, as rows: plans without their signatures, tasks by hand, consumers that failed, and the last that a run's log tells.
import { ownAccount, ownItem } from './own.ts';
import type { Sql } from './sql.ts';

export type UnsignedPlan = {
  readonly id: string;
  readonly name: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly tier0: number;
  readonly given: readonly string[];
};

/** Plans that may still be approved and were not started. */
export function unsignedPlans(sql: Sql): Promise<UnsignedPlan[]> {
  return sql.query<UnsignedPlan>(
    `select p.id, p.name, p.created_by as "createdBy", p.created_at as "createdAt", p.expires_at as "expiresAt",
            coalesce((p.header::json->'totals'->>'tier0')::int4, 0) as tier0,
            coalesce((select array_agg(x.approver order by x.at) from approval x where x.plan = p.id), '{}') as given
       from plan p where p.expires_at > now() and not exists (select from run r where r.plan = p.id)
        and not exists (select from refusal f where f.subject = p.id and f.withdrawn_at is null) order by p.created_at desc limit 20`,
  );
}

export type Waiting = { readonly what: string; readonly owner: string | null; readonly n: number; readonly since: Date | null };

export function tasksByHand(sql: Sql, run: string, own: string | null): Promise<Waiting[]> {
  return sql.query<Waiting>(
    `select a.system as what, a.owner, count(*)::int4 as n, min(i.updated_at) as since from item i join account a on a.key = i.account
      where i.run = $1::int8 and i.state = 'by-hand' and ${ownAccount('$2')} group by 1, 2 order by 3 desc limit 20`,
    [run, own],
  );
}

export function failedConsumers(sql: Sql, run: string, own: string | null): Promise<Waiting[]> {
  return sql.query<Waiting>(
    `select c.consumer as what, coalesce(c.owner, a.owner) as owner, count(*)::int4 as n, min(ic.at) as since
       from item i join account a on a.key = i.account join item_consumer ic on ic.item = i.key join consumer c on c.key = ic.consumer
      where i.run = $1::int8 and ic.state = 'failed' and (${ownAccount('$2')} or c.owner = $2)
      group by 1, 2 order by 3 desc limit 20`,
    [run, own],
  );
}

export async function consumerSums(sql: Sql, run: string, own: string | null): Promise<{ total: number; adopted: number; failed: number }> {
  const [row] = await sql.query<{ total: number; adopted: number; failed: number }>(
    `select count(*)::int4 as total, count(*) filter (where ic.state in ('adopted', 'exempt'))::int4 as adopted, count(*) filter (where ic.state = 'failed')::int4 as failed
       from item i join consumer c on c.account = i.account left join item_consumer ic on ic.item = i.key and ic.consumer = c.key
      where i.run = $1::int8 and i.state <> 'excluded' and ${ownItem('$2')}`,
    [run, own],
  );
  return row ?? { total: 0, adopted: 0, failed: 0 };
}

/** A few entries among the many that tell of items. */
const told = ['run', 'wave', 'exception', 'sign-off', 'approval', 'handover'].map((kind) => `line like '%"kind":"${kind}"%'`).join(' or ');

export async function toldOf(sql: Sql, log: string, limit: number): Promise<readonly { [key: string]: unknown }[]> {
  const rows = await sql.query<{ line: string }>(
    `select e.line from entry e where e.log = (select key from log where name = $1) and (${told}) order by e.xid desc, e.seq desc limit $2::int4`,
    [log, limit],
  );
  return rows.map(({ line }) => JSON.parse(line) as { [key: string]: unknown }); // canonical JSON objects, written by entryLine
}

/** All that the log of a run says of one item, oldest first; found by the index entry_item, whose expression stands here twice. */
export async function itemLog(sql: Sql, run: string, item: string, limit: number): Promise<readonly { [key: string]: unknown }[]> {
  const rows = await sql.query<{ line: string }>(
    `select e.line from entry e where e.log = (select key from log where name = $1)
        and hashtextextended(split_part(split_part(e.line, '"item":"', 2), '"', 1), 0) = hashtextextended(split_part(split_part($2::text, '"item":"', 2), '"', 1), 0)
        and strpos(e.line, $2::text) > 0 order by e.xid, e.seq limit $3::int4`,
    [run, `"item":${JSON.stringify(item)}`, limit],
  );
  return rows.map(({ line }) => JSON.parse(line) as { [key: string]: unknown }); // as above
}
