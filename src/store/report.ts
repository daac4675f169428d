// What a bundle says of a run, read in pages by key. Names and states only: no column that holds a secret is touched.
import type { ConsumerState } from '../domain/consumer.ts';
import type { ItemState } from '../domain/item.ts';
import type { CellView } from '../domain/view.ts';
import type { ApprovalRecord, ExceptionRow, ItemRow, PlanRecord, RunRecord, RunRecords, WaveRecord } from '../prove/port.ts';
import { peoplePage } from './people-view.ts';
import type { Sql } from './sql.ts';

const pageSize = 1000;
/** Each comes with all of their accounts and cells. */
const peoplePerPage = 200;

export function runRecords(sql: Sql): RunRecords {
  return {
    async run(id) {
      const [row] = await sql.query<RunRecord>(
        `select id, plan, plan_hash as "planHash", state, mode, started_at as "startedAt", ended_at as "endedAt", started_by as "startedBy", halt
           from run where id = $1`,
        [id],
      );
      return row;
    },
    async plan(id) {
      const [row] = await sql.query<PlanRecord>(
        'select id, name, header, created_at as "createdAt", created_by as "createdBy" from plan where id = $1',
        [id],
      );
      return row;
    },
    async *planLines(plan) {
      for await (const rows of pages<{ seq: number; line: string }>(
        -1,
        (last) =>
          sql.query('select seq, line from plan_item where plan = $1 and seq > $2::int4 order by seq limit $3::int4', [
            plan,
            last,
            pageSize,
          ]),
        (row) => row.seq,
      ))
        yield rows.map((row) => row.line);
    },
    approvals: (plan) =>
      sql.query<ApprovalRecord>(
        'select approver, method, public_key as "publicKey", signature, at from approval where plan = $1 order by at, approver',
        [plan],
      ),
    async preApproval(plan) {
      const [row] = await sql.query<{ playbook: string; approvals: readonly (Omit<ApprovalRecord, 'at'> & { readonly at: string })[] }>(
        'select playbook, approvals from pre_approval where plan = $1',
        [plan],
      );
      return row === undefined
        ? undefined
        : { playbook: row.playbook, approvals: row.approvals.map(({ at, ...rest }) => ({ ...rest, at: new Date(at) })) };
    },
    waves: (run) =>
      sql.query<WaveRecord>(
        `select w.n, w.name, w.mode, w.state, w.reason, w.started_at as "startedAt", w.ended_at as "endedAt"
           from wave w join run r on r.key = w.run where r.id = $1 order by w.n`,
        [run],
      ),
    async *items(run) {
      for await (const rows of pages<Item>(
        '0',
        (last) => sql.query(itemsSql, [run, last, pageSize]),
        (row) => row.key,
      ))
        yield rows.map(itemRow);
    },
    async *people(run) {
      for (let cursor: string | undefined; ; ) {
        const page = await peoplePage(sql, run, { limit: peoplePerPage, ...(cursor === undefined ? {} : { cursor }) });
        if (page.items.length > 0) yield page.items;
        cursor = page.cursor;
        if (cursor === undefined) return;
      }
    },
    async *exceptions(run) {
      for await (const rows of pages<ExceptionRow>(
        '',
        (last) => sql.query(exceptionsSql, [run, last, pageSize]),
        (row) => row.id,
      ))
        yield rows;
    },
  };
}

async function* pages<Row>(
  first: string | number,
  read: (last: string | number) => Promise<Row[]>,
  keyOf: (row: Row) => string | number,
): AsyncIterable<Row[]> {
  for (let last = first; ; ) {
    const rows = await read(last);
    const end = rows.at(-1);
    if (end === undefined) return;
    yield rows;
    last = keyOf(end);
  }
}

type Item = Omit<ItemRow, 'cells' | 'consumers' | 'residual'> & {
  readonly key: string;
  readonly state: ItemState;
  readonly until: Date | null;
  readonly why: string | null;
  readonly cells: readonly (Omit<CellView, 'at'> & { readonly at: number })[] | null;
  readonly consumers: readonly { readonly id: string; readonly state: ConsumerState; readonly detail: string | null }[] | null;
};

// cells and consumers are gathered for the page's items only: a lateral per row is an index scan each
const itemsSql = `select i.key::text as key, a.system, a.name as account, a.id, i.credential, i.state, i.wave, i.version, a.owner, i.error,
    a.tier, a.kind, i.canary, i.person, i.sync, i.residual_until as until, i.residual_why as why,
    (select json_agg(json_build_object('path', c.path, 'replica', c.replica, 'verdict', c.verdict, 'level', c.level, 'code', c.code,
        'at', (extract(epoch from c.at) * 1000)::int8) order by c.path, c.replica) from cell c where c.item = i.key) as cells,
    (select json_agg(json_build_object('id', k.consumer, 'state', coalesce(ic.state, 'mapped'), 'detail', ic.detail) order by k.consumer)
       from consumer k left join item_consumer ic on ic.item = i.key and ic.consumer = k.key where k.account = i.account) as consumers
  from item i join account a on a.key = i.account
  where i.run = (select key from run where id = $1) and i.key > $2::int8 order by i.key limit $3::int4`;

const exceptionsSql = `select e.id, a.system, a.name as account, e.path, e.owner, e.reason, e.expires_at as "expiresAt", e.at
  from exception e join item i on i.key = e.item join account a on a.key = i.account
  where e.run = (select key from run where id = $1) and e.id > $2 order by e.id limit $3::int4`;

function itemRow({ key: _, until, why, cells, consumers, ...row }: Item): ItemRow {
  return {
    ...row,
    cells: (cells ?? []).map((cell) => ({ ...cell, at: new Date(cell.at).toISOString() })),
    // an excluded item's consumers were never to change: they would read as work not done
    consumers: row.state === 'excluded' ? [] : (consumers ?? []),
    residual: until === null ? null : { until: until.toISOString(), why: why ?? '' },
  };
}
