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

/** Parts no transition of the batch needs are left out of the text: each of the 32 shapes is prepared once. */
function statement(batch: readonly Transition[]): { text: string; params: unknown[] } {
  const params: unknown[] = [];
  const column = <T>(type: string, values: readonly T[]): string => {
    params.push(values);
    return `$${params.length}::${type}[]`;
  };
  const unnest = (columns: readonly string[], names: string): string => `unnest(${columns.join(', ')}) t(${names})`;
  const parts = [
    `x as (select * from ${unnest(
      [
        column(
          'int8',
          batch.map((t) => t.item),
        ),
        column(
          'int8',
          batch.map((t) => t.claim.lane),
        ),
        column(
          'int4',
          batch.map((t) => t.claim.epoch),
        ),
        column(
          'text',
          batch.map((t) => t.from),
        ),
        column(
          'text',
          batch.map((t) => t.to),
        ),
        column(
          'bool',
          batch.map((t) => t.open),
        ),
        column(
          'text',
          batch.map((t) => t.error ?? null),
        ),
        column(
          'int4',
          batch.map((t) => t.version ?? null),
        ),
        column(
          'timestamptz',
          batch.map((t) => t.appliedAt ?? null),
        ),
        column(
          'timestamptz',
          batch.map((t) => t.residual?.until ?? null),
        ),
        column(
          'text',
          batch.map((t) => t.residual?.why ?? null),
        ),
      ],
      'item, lane, epoch, was, becomes, open, error, version, applied, until, why',
    )})`,
    `u as (update item i set state = x.becomes, open = x.open, error = x.error, version = coalesce(x.version, i.version), applied_at = coalesce(x.applied, i.applied_at),
       residual_until = x.until, residual_why = x.why, updated_at = now()
       from x join lane l on l.key = x.lane where i.key = x.item and i.lane = x.lane and l.epoch = x.epoch and i.state = x.was returning i.key)`,
  ];
  const seals = batch.filter((t) => t.seal !== undefined);
  if (seals.length > 0)
    parts.push(
      `sealed as (insert into secret(account, origin, version, state, data_key, sealed) select t.account, 'generated', t.version, 'candidate', t.data_key, t.sealed from ${unnest(
        [
          column(
            'int8',
            seals.map((t) => t.item),
          ),
          column(
            'int8',
            seals.map((t) => t.account),
          ),
          column(
            'int4',
            seals.map((t) => t.seal?.version),
          ),
          column(
            'int8',
            seals.map((t) => t.claim.dataKey),
          ),
          column(
            'bytea',
            seals.map((t) => t.seal?.sealed),
          ),
        ],
        'item, account, version, data_key, sealed',
      )} join u on u.key = t.item)`,
    );
  const secrets = batch.flatMap((t) => (t.secrets ?? []).map((s) => ({ ...s, item: t.item, account: t.account })));
  if (secrets.length > 0)
    parts.push(
      `turned as (update secret s set state = t.state from ${unnest(
        [
          column(
            'int8',
            secrets.map((s) => s.item),
          ),
          column(
            'int8',
            secrets.map((s) => s.account),
          ),
          column(
            'text',
            secrets.map((s) => s.origin),
          ),
          column(
            'int4',
            secrets.map((s) => s.version),
          ),
          column(
            'text',
            secrets.map((s) => s.state),
          ),
        ],
        'item, account, origin, version, state',
      )} join u on u.key = t.item where s.account = t.account and s.origin = t.origin and s.version = t.version)`,
    );
  const current = batch.filter((t) => t.current !== undefined);
  if (current.length > 0)
    parts.push(
      `owned as (update account a set version = t.version, reset_at = t.at from ${unnest(
        [
          column(
            'int8',
            current.map((t) => t.item),
          ),
          column(
            'int8',
            current.map((t) => t.account),
          ),
          column(
            'int4',
            current.map((t) => t.current?.version),
          ),
          column(
            'timestamptz',
            current.map((t) => t.current?.at),
          ),
        ],
        'item, account, version, at',
      )} join u on u.key = t.item where a.key = t.account)`,
    );
  const cells = batch.flatMap((t) => (t.cells ?? []).map((c) => ({ ...c, item: t.item })));
  if (cells.length > 0)
    parts.push(
      `seen as (insert into cell(item, path, replica, verdict, level, code, at) select t.item, t.path, t.replica, t.verdict, t.level, t.code, t.at from ${unnest(
        [
          column(
            'int8',
            cells.map((c) => c.item),
          ),
          column(
            'text',
            cells.map((c) => c.path),
          ),
          column(
            'text',
            cells.map((c) => c.replica),
          ),
          column(
            'text',
            cells.map((c) => c.verdict),
          ),
          column(
            'text',
            cells.map((c) => c.level),
          ),
          column(
            'text',
            cells.map((c) => c.code),
          ),
          column(
            'timestamptz',
            cells.map((c) => c.at),
          ),
        ],
        'item, path, replica, verdict, level, code, at',
      )} join u on u.key = t.item on conflict (item, path, replica) do update set verdict = excluded.verdict, level = excluded.level, code = excluded.code, at = excluded.at)`,
    );
  const consumers = batch.flatMap((t) => (t.consumers ?? []).map((c) => ({ ...c, item: t.item })));
  if (consumers.length > 0)
    parts.push(
      `read as (insert into item_consumer(item, consumer, state, store_version, detail) select t.item, t.consumer, t.state, t.store_version, t.detail from ${unnest(
        [
          column(
            'int8',
            consumers.map((c) => c.item),
          ),
          column(
            'int8',
            consumers.map((c) => c.key),
          ),
          column(
            'text',
            consumers.map((c) => c.state),
          ),
          column(
            'text',
            consumers.map((c) => c.storeVersion ?? null),
          ),
          column(
            'text',
            consumers.map((c) => c.detail ?? null),
          ),
        ],
        'item, consumer, state, store_version, detail',
      )} join u on u.key = t.item on conflict (item, consumer) do update set state = excluded.state, store_version = coalesce(excluded.store_version, item_consumer.store_version), detail = excluded.detail, at = now())`,
    );
  const lines = batch.flatMap((t) => t.lines.map((line) => ({ line, item: t.item, log: t.claim.log })));
  if (lines.length > 0)
    parts.push(
      `said as (insert into entry(log, line) select t.log, t.line from ${unnest(
        [
          column(
            'int8',
            lines.map((l) => l.item),
          ),
          column(
            'int4',
            lines.map((l) => l.log),
          ),
          column(
            'text',
            lines.map((l) => l.line),
          ),
        ],
        'item, log, line',
      )} join u on u.key = t.item)`,
    );
  return { text: `with ${parts.join(',\n ')}\n select key::text as key from u`, params };
}
