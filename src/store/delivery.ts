// Escrow rows and hand-over requests for delivery. Leaked values are filtered out in SQL; an audit entry is committed before anything returns.
import type { DeliveryAccount, DeliveryStore, EscrowRow, HandoverRecord, Held, LiveRow } from '../deliver/port.ts';
import { compileSelector } from '../domain/selector/compile.ts';
import { appendEntries } from './evidence.ts';
import type { Store } from './sql.ts';

const pageSize = 500;
const accountColumns = 'a.key::text as key, a.system, a.id, a.name, a.login, a.kind, a.identity, a.owner';
const secretColumns = 's.origin, s.version, s.state, s.data_key::text as "dataKey", s.sealed';
const handoverColumns =
  'id, hash, request, created_by as "createdBy", created_at as "createdAt", expires_at as "expiresAt", written_at as "writtenAt"';

export function deliveryStore(store: Store): DeliveryStore {
  return {
    // a name is how people say it; an id or a login counts only where no name matches
    find: (system, account) =>
      store.query<DeliveryAccount>(
        `with hit as (select key, case when name = $2 then 0 when id = $2 then 1 else 2 end as rank
             from account where system = $1 and (name = $2 or id = $2 or login = $2) and gone_at is null)
         select ${accountColumns} from hit join account a on a.key = hit.key
          where hit.rank = (select min(rank) from hit) order by a.key limit 10`,
        [system, account],
      ),
    // What lies in the escrow of a key with generations is a ticket taken for its proof: nobody's to reveal.
    escrow: (account) =>
      store.query<Held>(
        `select ${secretColumns}, s.origin = 'generated' and exists (select 1 from item i
             where i.account = s.account and i.version = s.version and i.state in ('sent', 'in-doubt')) as doubt, coalesce(a.reset_at, s.created_at) as "setAt"
           from secret s join account a on a.key = s.account
          where s.account = $1::int8 and s.origin in ('generated', 'known') and not a.facts ? 'generations' order by s.key desc`,
        [account],
      ),
    async audit(lines) {
      await appendEntries(store, 'estate', lines);
      await committed(store);
    },
    async hasRun(run) {
      return (await store.query('select 1 from run where id = $1', [run])).length > 0;
    },
    async *live(run, where, now) {
      const { sql: condition, params } = compileSelector(where, { firstParam: 4, now });
      const text = `select i.key::text as item, ${accountColumns}, ${secretColumns}
          from item i join account a on a.key = i.account
          join secret s on s.account = i.account and s.version = i.version and s.origin = 'generated' and s.state = 'live'
         where i.run = (select key from run where id = $1) and i.key > $2::int8 and ${condition} order by i.key limit $3::int4`;
      for (let last = '0'; ; ) {
        const rows = await store.query<DeliveryAccount & EscrowRow & { item: string }>(text, [run, last, pageSize, ...params]);
        const end = rows.at(-1);
        if (end === undefined) return;
        yield rows.map(liveRow);
        last = end.item;
      }
    },
    async handover(id) {
      const [row] = await store.query<HandoverRecord>(`select ${handoverColumns} from handover where id = $1`, [id]);
      return row;
    },
    async openHandover(hash, now) {
      const [row] = await store.query<HandoverRecord>(
        `select ${handoverColumns} from handover where hash = $1 and written_at is null and expires_at > $2 order by created_at desc limit 1`,
        [hash, now],
      );
      return row;
    },
    async createHandover({ id, hash, request, createdBy, createdAt, expiresAt }) {
      await store.query('insert into handover (id, hash, request, created_by, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)', [
        id,
        hash,
        request,
        createdBy,
        createdAt,
        expiresAt,
      ]);
    },
    async takeHandover(id, now, lines) {
      const taken = await store.transaction(async (sql) => {
        const rows = await sql.query('update handover set written_at = $2 where id = $1 and written_at is null returning id', [id, now]);
        if (rows.length === 1) await appendEntries(sql, 'estate', lines);
        return rows.length === 1;
      });
      if (taken) await committed(store);
      return taken;
    },
  };
}

/** `fresh` refuses inside a transaction: an audit entry that an outer transaction could still roll back is no audit entry. */
async function committed(store: Store): Promise<void> {
  await store.fresh.query('select 1');
}

function liveRow({
  key,
  system,
  id,
  name,
  login,
  kind,
  identity,
  owner,
  origin,
  version,
  state,
  dataKey,
  sealed,
}: DeliveryAccount & EscrowRow): LiveRow {
  return { account: { key, system, id, name, login, kind, identity, owner }, row: { origin, version, state, dataKey, sealed } };
}
