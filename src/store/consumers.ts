// Rows of consumers.csv wait here until the whole file is good; a consumer whose place changed is mapped anew.
import type { ConsumerRow, Stage } from '../inventory/port.ts';
import { inParts, takeClashes } from './ownership.ts';
import type { Sql } from './sql.ts';

export function consumerStage(sql: Sql): Stage<ConsumerRow> {
  return {
    open: async () => {
      await sql.query('drop table if exists import_consumer');
      await sql.query(
        `create temp table import_consumer (line int8, account int8, consumer text, store text, ref text, owner text, reload text, health text, says text) on commit drop`,
      );
    },
    add: async (rows) => {
      await sql.query(
        `insert into import_consumer select r.*, md5(row(r.store, r.ref, r.owner, r.reload, r.health)::text)
         from unnest($1::int8[], $2::int8[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
           r(line, account, consumer, store, ref, owner, reload, health)`,
        [
          rows.map((r) => r.line),
          rows.map((r) => r.account),
          rows.map((r) => r.consumer),
          rows.map((r) => r.store),
          rows.map((r) => r.ref),
          rows.map((r) => r.owner),
          rows.map((r) => r.reload),
          rows.map((r) => r.health),
        ],
      );
    },
    clashes: (limit) => takeClashes(sql, 'import_consumer', 'account, consumer', limit),
    apply: () => inParts(sql, 'import_consumer', 'line', (from, to) => sql.query(upsert, [from, to])),
  };
}

const upsert = `insert into consumer as c (account, consumer, store, ref, owner, reload, health)
  select account, consumer, store, ref, owner, reload, health from import_consumer where line > $1::int8 and line <= $2::int8 order by line
  on conflict (account, consumer) do update set store = excluded.store, ref = excluded.ref, owner = excluded.owner, reload = excluded.reload,
    health = excluded.health, seen_at = now(),
    state = case when (c.store, c.ref) is distinct from (excluded.store, excluded.ref) then 'mapped' else c.state end
  where (c.store, c.ref, c.owner, c.reload, c.health) is distinct from (excluded.store, excluded.ref, excluded.owner, excluded.reload, excluded.health)`;
