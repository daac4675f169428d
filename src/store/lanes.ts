// Lanes as workers hold them: claim with a new epoch, heartbeat, keyset pages of open items, parking. Item rows carry no lease.

import type { ConsumerState } from '../domain/consumer.ts';
import { entryLine } from '../domain/entry.ts';
import type { ItemState } from '../domain/item.ts';
import type { Mode } from '../domain/run.ts';
import type { United } from '../domain/united.ts';
import type { Claim, LaneStore, SealedSecret, Transition, WorkItem } from '../execute/port.ts';
import type { Store } from './sql.ts';

type ItemRow = {
  key: string;
  account: string;
  id: string;
  name: string;
  locator: string | null;
  canary: boolean;
  state: ItemState;
  version: number | null;
  attempt: number;
  reproofs: number;
  applied_at: Date | null;
  retired_at: Date | null;
  person: string | null;
  sync: string | null;
  sync_attempt: number;
  residual_until: Date | null;
  residual_why: string | null;
  slots: readonly string[] | null;
  turns:
    | readonly { expected: number; attempt: number; reached: number | null; resetAt: number | null; convergedAt: number | null }[]
    | null;
  login: string | null;
  blocked: boolean;
  secrets:
    | readonly {
        origin: SealedSecret['origin'];
        version: number;
        state: SealedSecret['state'];
        data_key: string;
        slot: string | null;
        sealed: string;
        age: number;
      }[]
    | null;
  exceptions: WorkItem['exceptions'] | null;
  consumers:
    | readonly {
        key: string;
        consumer: string;
        store: string;
        ref: string;
        owner: string | null;
        reload: string | null;
        health: string | null;
        state: ConsumerState | null;
      }[]
    | null;
};

const itemColumns = `i.key::text as key, i.account::text as account, a.id, a.name, a.locator, a.login, i.canary, i.state, i.version, i.attempt, i.person, i.sync, i.sync_attempt, i.reproofs, i.applied_at, i.retired_at, i.residual_until, i.residual_why, i.blocked,
  (select json_agg(k.slot) from item_slot k where k.item = i.key) as slots,
  case when i.generations then coalesce((select json_agg(json_build_object('expected', g.expected, 'attempt', g.attempt, 'reached', g.reached,
     'resetAt', (extract(epoch from g.reset_at) * 1000)::int8, 'convergedAt', (extract(epoch from g.converged_at) * 1000)::int8) order by g.expected) from item_turn g where g.item = i.key), '[]') end as turns,
  (select json_agg(json_build_object('origin', s.origin, 'version', s.version, 'state', s.state, 'data_key', s.data_key::text, 'slot', s.slot, 'sealed', encode(s.sealed, 'base64'), 'age', extract(epoch from clock_timestamp() - s.created_at)) order by s.key)
     from secret s where s.account = i.account) as secrets,
  (select json_agg(json_build_object('key', c.key::text, 'consumer', c.consumer, 'store', c.store, 'ref', c.ref, 'owner', c.owner, 'reload', c.reload, 'health', c.health, 'state', ic.state) order by c.key)
     from consumer c left join item_consumer ic on ic.item = i.key and ic.consumer = c.key where c.account = i.account) as consumers,
  (select json_agg(json_build_object('path', x.path, 'owner', x.owner, 'until', to_char(x.expires_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))
     from exception x where x.item = i.key and x.expires_at > now()) as exceptions`;

/** `commit` is the group commit in front of commitTransitions. */
export function laneStore(store: Store, commit: (transition: Transition) => Promise<boolean>): LaneStore {
  return {
    commit,

    claim: async (lane, owner) => {
      const [row] = await store.query<{
        epoch: number;
        run: string;
        run_key: string;
        log: number;
        wave: number;
        system: string;
        mode: Mode;
        rollback: boolean;
        data_key: string;
        sync: readonly { name: string; form: United | null }[] | null;
      }>(
        `update lane l set epoch = l.epoch + 1, owner = $2, beat_at = now(), state = 'running', reason = null
           from run r join log on log.name = r.id join plan p on p.id = r.plan, wave w
          where l.key = $1::int8 and r.key = l.run and w.run = l.run and w.n = l.wave and r.state = 'running' and l.state in ('waiting', 'running')
          returning l.epoch, r.id as run, r.key::text as run_key, log.key as log, l.wave, l.system, w.mode, r.rollback, r.data_key::text as data_key, p.header::json->'sync' as sync`,
        [lane, owner],
      );
      if (row === undefined) return undefined;
      const { run_key: runKey, data_key: dataKey, sync, ...rest } = row;
      const groups = (sync ?? []).flatMap(({ name, form }) => (form === null ? [] : [{ name, form }]));
      return { ...rest, lane, runKey, dataKey, sync: groups };
    },

    beat: async (claim) => {
      const rows = await store.query(`update lane set beat_at = now() where key = $1::int8 and epoch = $2::int4 returning key`, [
        claim.lane,
        claim.epoch,
      ]);
      return rows.length === 1;
    },

    page: async (claim, after, limit) => {
      const rows = await store.query<ItemRow>(
        `select ${itemColumns} from item i join account a on a.key = i.account where i.lane = $1::int8 and i.open and i.key > $2::int8 order by i.key limit $3::int4`,
        [claim.lane, after, limit],
      );
      return rows.map((row) => workItem(row, claim));
    },

    one: async (claim, item) => {
      const [row] = await store.query<ItemRow>(
        `select ${itemColumns} from item i join account a on a.key = i.account where i.key = $1::int8`,
        [item],
      );
      return row === undefined ? undefined : workItem(row, claim);
    },

    park: async (claim, reason) => {
      const rows = await store.query<{ key: string }>(
        `with u as (update item i set open = false, error = $3, updated_at = now() from lane l
            where l.key = $1::int8 and l.epoch = $2::int4 and i.lane = l.key and i.open returning i.key, i.account, i.state),
          e as (insert into entry(log, line) select $4::int4, replace(replace(replace($5, '"@item"', to_json(a.system || '/' || a.id)::text), '"@account"', to_json(a.name)::text), '"@state"', to_json(u.state)::text)
             from u join account a on a.key = u.account)
         select key::text as key from u`,
        [
          claim.lane,
          claim.epoch,
          reason,
          claim.log,
          entryLine('item', new Date(), { item: '@item', account: '@account', parked: '@state', error: reason }),
        ],
      );
      return rows.length;
    },

    finish: async (claim, state, reason, stats) => {
      await store.query(
        `with l as (update lane set state = $3, reason = $4, stats = $5::jsonb, owner = null, beat_at = case when $3 = 'waiting' then null else beat_at end where key = $1::int8 and epoch = $2::int4 returning system)
         update system s set pace = ${seenPace} from l where s.id = l.system`,
        [claim.lane, claim.epoch, state, reason ?? null, JSON.stringify(stats), JSON.stringify(stats.seen ?? null)],
      );
    },

    note: async (claim, reason, stats) => {
      await store.query(`update lane set reason = $3, stats = $4::jsonb where key = $1::int8 and epoch = $2::int4`, [
        claim.lane,
        claim.epoch,
        reason ?? null,
        JSON.stringify(stats),
      ]);
    },

    aborted: async (claim) => {
      const rows = await store.query(`select 1 from run where key = $1::int8 and state = 'aborted'`, [claim.runKey]);
      return rows.length === 1;
    },

    wanted: async (claim) => {
      const rows = await store.query(`select 1 from run where key = $1::int8 and state = 'running'`, [claim.runKey]);
      return rows.length === 1;
    },
  };
}

function workItem(row: ItemRow, { system, sync }: Claim): WorkItem {
  const form = sync?.find((group) => group.name === row.sync)?.form;
  return {
    key: row.key,
    account: row.account,
    ref: {
      system,
      id: row.id,
      name: row.name,
      ...(row.locator === null ? {} : { locator: row.locator }),
      ...(row.login === null ? {} : { login: row.login }),
    },
    canary: row.canary,
    state: row.state,
    version: row.version,
    attempt: row.attempt,
    reproofs: row.reproofs,
    appliedAt: row.applied_at,
    retiredAt: row.retired_at,
    residual: row.residual_until === null ? null : { until: row.residual_until, why: row.residual_why ?? '' },
    slots: row.slots ?? [],
    turns:
      row.turns?.map((turn) => ({
        ...turn,
        resetAt: turn.resetAt === null ? null : new Date(turn.resetAt),
        convergedAt: turn.convergedAt === null ? null : new Date(turn.convergedAt),
      })) ?? null,
    blocked: row.blocked,
    ...(row.sync === null || row.person === null || form === undefined
      ? {}
      : { shared: { group: row.sync, person: row.person, attempt: row.sync_attempt, form } }),
    secrets: (row.secrets ?? []).map((s) => ({
      origin: s.origin,
      version: s.version,
      state: s.state,
      dataKey: s.data_key,
      ...(s.slot === null ? {} : { slot: s.slot }),
      sealed: Buffer.from(s.sealed, 'base64'),
      // An age, so that the store's clock does not matter.
      sealedAt: new Date(Date.now() - s.age * 1000),
    })),
    consumers: (row.consumers ?? []).map((c) => ({
      key: c.key,
      consumer: c.consumer,
      store: c.store,
      ref: c.ref,
      owner: c.owner,
      ...(c.reload === null ? {} : { reload: c.reload }),
      ...(c.health === null ? {} : { health: c.health }),
      state: c.state ?? undefined,
    })),
    exceptions: row.exceptions ?? [],
  };
}

/** The last lane of each order of size (1, 2 to 3, 4 to 7, …): one of a few items says little of one among many, and the other way round. */
const seenPace = `case when $6::jsonb = 'null'::jsonb then s.pace else jsonb_set(s.pace, '{lanes}', coalesce(s.pace->'lanes', '{}')
           || jsonb_build_object(floor(log(2::numeric, ($6::jsonb->>'items')::numeric))::text, $6::jsonb)) end`;
