// Rows of owners.csv wait here until the whole file is good, then become what accounts say of their owner, kind, tier and tags.
import type { Clash, OwnerRow, Stage } from '../inventory/port.ts';
import { ownersOf } from './owners-of.ts';
import type { Sql } from './sql.ts';

export function ownerStage(sql: Sql): Stage<OwnerRow> {
  return {
    open: async () => {
      await sql.query('drop table if exists import_owner');
      await sql.query(
        `create temp table import_owner (line int8, account int8, identity text, kind text, owner text, manager text, tier int2, tags text, says text) on commit drop`,
      );
    },
    add: async (rows) => {
      await sql.query(
        `insert into import_owner select r.*, md5(row(r.identity, r.kind, r.manager, r.tier, r.tags)::text)
         from unnest($1::int8[], $2::int8[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int2[], $8::text[])
           r(line, account, identity, kind, owner, manager, tier, tags)`,
        [
          rows.map((r) => r.line),
          rows.map((r) => r.account),
          rows.map((r) => r.identity),
          rows.map((r) => r.kind),
          rows.map((r) => r.owner),
          rows.map((r) => r.manager),
          rows.map((r) => r.tier),
          rows.map((r) => r.tags?.join(' ')),
        ],
      );
    },
    clashes: (limit) => takeClashes(sql, 'import_owner', `account, lower(coalesce(owner, ''))`, limit),
    apply: (source) => inParts(sql, 'import_owner', 'account', (from, to) => sql.query(update, [source, from, to])),
  };
}

/** Accounts of one part of the stage: what the file says of each, laid over what it has. Rows that would stay the same are not touched. */
const update = `update account a set declared = n.declared, owners = n.owners, kind = n.kind, shared = n.shared, tier = n.tier, identity = n.identity,
    manager = n.manager, tags = n.tags
  from (select a.key, d.declared, ${ownersOf('d.declared', 's.owner')} as owners,
      coalesce(f.kind, a.kind) as kind, case when f.kind is null then a.shared else f.kind = 'shared' end as shared,
      coalesce(f.tier, a.tier) as tier, coalesce(f.identity, a.identity) as identity, coalesce(f.manager, a.manager) as manager,
      case when f.tags is null then a.tags
        else (select coalesce(array_agg(distinct t order by t), '{}') from unnest(string_to_array(f.tags, ' ')) t where t <> '') end as tags
    from (select account, jsonb_agg(distinct owner) filter (where owner is not null) as owners,
        (array_agg(kind order by line) filter (where kind is not null))[1] as kind, min(tier) as tier,
        (array_agg(identity order by line) filter (where identity is not null))[1] as identity,
        (array_agg(manager order by line) filter (where manager is not null))[1] as manager, string_agg(tags, ' ') as tags
      from import_owner where account > $2::int8 and account <= $3::int8 group by account) f
    join account a on a.key = f.account join system s on s.id = a.system,
    lateral (select a.declared || jsonb_strip_nulls(jsonb_build_object('kind', f.kind, 'tier', f.tier)) || jsonb_build_object('owners',
      coalesce(a.declared->'owners', '{}') - $1 || case when f.owners is null then '{}'::jsonb else jsonb_build_object($1::text, f.owners) end)
      as declared) d) n
  where a.key = n.key and (a.declared, a.owners, a.kind, a.shared, a.tier, a.identity, a.manager, a.tags)
    is distinct from (n.declared, n.owners, n.kind, n.shared, n.tier, n.identity, n.manager, n.tags)`;

const partRows = 20_000;

/** Works through a stage in parts by a column of it, so that no single statement runs into the statement timeout however large the file. */
export async function inParts(
  sql: Sql,
  table: string,
  column: string,
  work: (from: string, to: string) => Promise<unknown>,
): Promise<void> {
  await sql.query(`create index on ${table} (${column})`);
  await sql.query(`analyze ${table}`);
  for (let from = '-1'; ; ) {
    const [edge] = await sql.query<{ to: string | null }>(
      `select max(${column})::text as to from (select ${column} from ${table} where ${column} > $1::int8 order by ${column} limit $2::int4) part`,
      [from, partRows],
    );
    if (edge?.to === null || edge === undefined) return;
    await work(from, edge.to);
    from = edge.to;
  }
}

/** Deletes later rows about the same thing and says which. `same` compares the digest in `says`. */
export async function takeClashes(sql: Sql, table: string, thing: string, limit: number): Promise<{ count: number; rows: Clash[] }> {
  const rows = await sql.query<Clash & { total: string }>(
    `with ranked as (select ctid as place, line, says, row_number() over w as n, first_value(line) over w as first, first_value(says) over w as first_says
         from ${table} window w as (partition by ${thing} order by line)),
       taken as (delete from ${table} t using ranked r where t.ctid = r.place and r.n > 1 returning r.line, r.first, r.says = r.first_says as same)
     select line::int4 as line, first::int4 as first, same, count(*) over () as total from taken order by line limit $1::int4`,
    [limit],
  );
  return { count: Number(rows[0]?.total ?? 0), rows: rows.map(({ line, first, same }) => ({ line, first, same })) };
}
