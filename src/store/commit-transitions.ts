// The hot path: hundreds of item steps in one statement. A step is kept only when the item's state and the lane's epoch still match; all its parts stand or fall with it.
import type { Transition } from '../execute/port.ts';
import type { Sql, Store } from './sql.ts';

/** Answers, in order, which transitions were kept. Whatever seals is read back (on another connection where there is one) before the answer. */
export async function commitTransitions(store: Store, batch: readonly Transition[]): Promise<readonly boolean[]> {
  const kept = await writeTransitions(store, batch);
  const sealing = batch.filter((t) => t.seal !== undefined && kept.has(t.item));
  if (sealing.length > 0) await readBack(store, sealing);
  return batch.map((t) => kept.has(t.item));
}

/** The write alone; answers the items that were kept. */
export async function writeTransitions(sql: Sql, batch: readonly Transition[]): Promise<ReadonlySet<string>> {
  const { text, params } = statement(batch);
  const rows = await sql.query<{ key: string }>(text, params);
  return new Set(rows.map((r) => r.key));
}

async function readBack(store: Store, sealing: readonly Transition[]): Promise<void> {
  const rows = await store.fresh.query<{ account: string; version: number; sealed: Buffer }>(
    `select s.account::text as account, s.version, s.sealed from unnest($1::int8[], $2::int4[]) t(account, version)
       join secret s on s.account = t.account and s.version = t.version and s.origin = 'generated'`,
    [sealing.map((t) => t.account), sealing.map((t) => t.seal?.version)],
  );
  const stored = new Map(rows.map((r) => [`${r.account}/${r.version}`, r.sealed]));
  for (const t of sealing) {
    const bytes = stored.get(`${t.account}/${t.seal?.version}`);
    if (bytes === undefined || t.seal === undefined || Buffer.compare(bytes, t.seal.sealed) !== 0)
      throw new Error(`the escrow did not give back version ${t.seal?.version} of account ${t.account}`);
  }
}

/** One part of the statement: the rows it needs, each column's name and type, and what is done with them. */
type Part<Row> = {
  readonly rows: (t: Transition) => readonly Row[];
  readonly columns: { readonly [name: string]: readonly [type: string, pick: (row: Row, t: Transition) => unknown] };
  /** `from` is the unnested rows as `t`, joined to the items that were kept. */
  readonly sql: (from: string) => string;
};
const part = <Row>(p: Part<Row>): Part<unknown> => p as Part<unknown>; // each part's own columns fit its own rows: checked where it is written

const transitions = part({
  rows: (t) => [t],
  columns: {
    item: ['int8', (t) => t.item],
    lane: ['int8', (t) => t.claim.lane],
    epoch: ['int4', (t) => t.claim.epoch],
    was: ['text', (t) => t.from],
    becomes: ['text', (t) => t.to],
    open: ['bool', (t) => t.open],
    error: ['text', (t) => t.error ?? null],
    version: ['int4', (t) => t.version ?? null],
    applied: ['timestamptz', (t) => t.appliedAt ?? null],
    retired: ['timestamptz', (t) => t.retiredAt ?? null],
    until: ['timestamptz', (t) => t.residual?.until ?? null],
    why: ['text', (t) => t.residual?.why ?? null],
    reproof: ['timestamptz', (t) => t.reproofAt ?? null],
    blocked: ['bool', (t) => t.blocked ?? null],
  },
  sql: (from) => `u as (update item i set state = t.becomes, open = t.open, error = t.error, version = coalesce(t.version, i.version),
      applied_at = coalesce(t.applied, i.applied_at), retired_at = coalesce(t.retired, i.retired_at), residual_until = t.until, residual_why = t.why, reproof_at = t.reproof, blocked = coalesce(t.blocked, i.blocked), updated_at = now()
    from ${from} join lane l on l.key = t.lane
    where i.key = t.item and i.lane = t.lane and l.epoch = t.epoch and i.state = t.was returning i.key)`,
});

const kept = (from: string): string => `${from} join u on u.key = t.item`;

/** Parts no transition of the batch needs are left out of the text: each shape is prepared once. */
const optional = [
  part({
    rows: (t) => (t.seal === undefined ? [] : [t.seal]),
    columns: {
      item: ['int8', (_, t) => t.item],
      account: ['int8', (_, t) => t.account],
      version: ['int4', (s) => s.version],
      data_key: ['int8', (_, t) => t.claim.dataKey],
      slot: ['text', (s) => s.slot ?? null],
      sealed: ['bytea', (s) => s.sealed],
    },
    sql: (from) => `sealed as (insert into secret(account, origin, version, state, data_key, slot, sealed)
      select t.account, 'generated', t.version, 'candidate', t.data_key, t.slot, t.sealed from ${kept(from)})`,
  }),
  part({
    rows: (t) => t.secrets ?? [],
    columns: {
      item: ['int8', (_, t) => t.item],
      account: ['int8', (_, t) => t.account],
      origin: ['text', (s) => s.origin],
      version: ['int4', (s) => s.version],
      state: ['text', (s) => s.state],
    },
    sql: (from) => `turned as (update secret s set state = t.state from ${kept(from)}
      where s.account = t.account and s.origin = t.origin and s.version = t.version)`,
  }),
  part({
    rows: (t) => (t.current === undefined ? [] : [t.current]),
    columns: {
      item: ['int8', (_, t) => t.item],
      account: ['int8', (_, t) => t.account],
      version: ['int4', (c) => c.version],
      at: ['timestamptz', (c) => c.at],
    },
    sql: (from) => `owned as (update account a set version = t.version, reset_at = t.at from ${kept(from)} where a.key = t.account)`,
  }),
  part({
    rows: (t) => t.slots ?? [],
    columns: {
      item: ['int8', (_, t) => t.item],
      slot: ['text', (slot) => slot],
    },
    sql: (from) => `held as (insert into item_slot(item, slot) select t.item, t.slot from ${kept(from)} on conflict do nothing)`,
  }),
  part({
    rows: (t) => (t.turn === undefined ? [] : [t.turn]),
    columns: {
      item: ['int8', (_, t) => t.item],
      expected: ['int8', (turn) => turn.expected],
      attempt: ['int2', (turn) => turn.attempt ?? null],
      reached: ['int8', (turn) => turn.reached ?? null],
      reset_at: ['timestamptz', (turn) => turn.resetAt ?? null],
      converged_at: ['timestamptz', (turn) => turn.convergedAt ?? null],
    },
    sql: (from) => `turned_key as (insert into item_turn(item, expected, attempt, reached, reset_at, converged_at)
      select t.item, t.expected, coalesce(t.attempt, 0), t.reached, t.reset_at, t.converged_at from ${kept(from)}
      on conflict (item, expected) do update set attempt = greatest(excluded.attempt, item_turn.attempt), reached = coalesce(excluded.reached, item_turn.reached),
        reset_at = coalesce(excluded.reset_at, item_turn.reset_at), converged_at = coalesce(excluded.converged_at, item_turn.converged_at))`,
  }),
  part({
    rows: (t) => t.cells ?? [],
    columns: {
      item: ['int8', (_, t) => t.item],
      path: ['text', (c) => c.path],
      replica: ['text', (c) => c.replica],
      verdict: ['text', (c) => c.verdict],
      level: ['text', (c) => c.level],
      code: ['text', (c) => c.code],
      at: ['timestamptz', (c) => c.at],
    },
    sql: (from) => `seen as (insert into cell(item, path, replica, verdict, level, code, at)
      select t.item, t.path, t.replica, t.verdict, t.level, t.code, t.at from ${kept(from)}
      on conflict (item, path, replica) do update set verdict = excluded.verdict, level = excluded.level, code = excluded.code, at = excluded.at)`,
  }),
  part({
    rows: (t) => t.consumers ?? [],
    columns: {
      item: ['int8', (_, t) => t.item],
      consumer: ['int8', (c) => c.key],
      state: ['text', (c) => c.state],
      store_version: ['text', (c) => c.storeVersion ?? null],
      detail: ['text', (c) => c.detail ?? null],
    },
    sql: (from) => `read as (insert into item_consumer(item, consumer, state, store_version, detail)
      select t.item, t.consumer, t.state, t.store_version, t.detail from ${kept(from)}
      on conflict (item, consumer) do update set state = excluded.state, detail = excluded.detail, at = now(),
        store_version = coalesce(excluded.store_version, item_consumer.store_version))`,
  }),
  part({
    rows: (t) => (t.lines.length === 0 ? [] : [t.lines]),
    columns: {
      item: ['int8', (_, t) => t.item],
      log: ['int4', (_, t) => t.claim.log],
      lines: ['lines', (lines) => lines.join('\n')],
    },
    sql: (from) => `said as (insert into entry(log, line)
      select t.log, l.line from ${kept(from)} cross join lateral string_to_table(t.lines, e'\\n') l(line))`,
  }),
] as const;

function statement(batch: readonly Transition[]): { text: string; params: unknown[] } {
  const params: unknown[] = [];
  const written = [partSql(transitions, batch, params), ...optional.map((p) => partSql(p, batch, params))];
  return { text: `with ${written.filter((sql) => sql !== undefined).join(',\n ')}\n select key::text as key from u`, params };
}

/**
 * Canonical JSON holds no control character, so lines need no quoting to travel as one text. As array elements every quote of theirs would be escaped
 * here and unescaped there: eleven lines for each account, and the dearest part of the statement on both sides.
 */
const between = '\x1e';

/** Undefined when no transition has a row for the part. */
function partSql(p: Part<unknown>, batch: readonly Transition[], params: unknown[]): string | undefined {
  const names = Object.keys(p.columns);
  const picks = Object.values(p.columns);
  const values: unknown[][] = picks.map(() => []);
  let rows = 0;
  for (const t of batch)
    for (const row of p.rows(t)) {
      rows++;
      for (let i = 0; i < picks.length; i++) values[i]?.push(picks[i]?.[1](row, t));
    }
  if (rows === 0) return undefined;
  const arrays = picks.map(([type], i) => {
    params.push(type === 'lines' ? (values[i] as string[]).join(between) : values[i]);
    return type === 'lines' ? `string_to_array($${params.length}::text, e'\\x1e')` : `$${params.length}::${type}[]`;
  });
  return p.sql(`unnest(${arrays.join(', ')}) t(${names.join(', ')})`);
}
