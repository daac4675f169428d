// One reset of every account, cut short again and again: plan and run rows written directly, so that a chain costs one process per kill and nothing else.
import { randomBytes } from 'node:crypto';
import { entryLine } from '../../src/domain/entry.ts';
import { shortId } from '../../src/domain/id.ts';
import type { Mode } from '../../src/domain/run.ts';
import type { Escrow, SealedSecret } from '../../src/execute/port.ts';
import { secretAad } from '../../src/seal/envelope.ts';
import type { Seal } from '../../src/seal/seal.ts';
import { runStore } from '../../src/store/runs.ts';
import type { Store } from '../../src/store/sql.ts';
import type { Connections } from '../../src/wire/connections.ts';
import type { Target } from './targets.ts';

/** Accounts of every target with their first secret as leaked, so that each old value can be disproved by probing. */
export async function enrol(parts: { store: Store; seal: Seal; connections: Connections }, targets: readonly Target[]): Promise<void> {
  const { store, seal, connections } = parts;
  const dataKey = await seal.newDataKey('crash bench');
  const key = await seal.dataKey(dataKey);
  for (const target of targets) {
    const { id: system, connector } = target.system;
    await store.query(`insert into system(id, connector, spec) values ($1, $2, '')`, [system, connector]);
    const { connection } = await connections.open(system);
    const page = await connection.inventory?.page({ limit: 1000 });
    if (page?.kind !== 'done') throw new Error(`${system}: inventory ${page?.kind}`);
    for (const found of page.value.items) {
      const [row] = await store.query<{ key: string }>(
        `insert into account(system, id, name, locator, owners) values ($1, $2, $3, $4, '{bench}') returning key::text as key`,
        [system, found.id, found.name, found.locator ?? null],
      );
      const account = row?.key as string;
      const sealed = key.seal(secretAad(account, 'leaked', 1, dataKey), Buffer.from(target.initial(found.name, found.id)));
      await store.query(
        `insert into secret(account, origin, version, state, data_key, sealed) values ($1::int8, 'leaked', 1, 'previous', $2::int8, $3)`,
        [account, dataKey, sealed],
      );
    }
  }
}

/** `systems` left out: all of them. */
export async function startChain(
  store: Store,
  seal: Seal,
  { mode = 'continuity', systems }: { readonly mode?: Mode; readonly systems?: readonly string[] } = {},
): Promise<string> {
  const id = shortId('R', randomBytes(8));
  const plan = shortId('P', randomBytes(8));
  await store.query(`insert into plan(id, name, hash, header, created_by, expires_at) values ($1, 'crash', '', $2, 'bench', now())`, [
    plan,
    JSON.stringify({ waves: [{ n: 1, name: 'all', mode }] }),
  ]);
  await store.query(
    `insert into plan_item(plan, seq, wave, account, system, action, canary, line, fingerprint) select $1, row_number() over (order by key)::int4, 1, key, system, 'rotate', false, '{}', '' from account
      where $2::text[] is null or system = any($2::text[])`,
    [plan, systems ?? null],
  );
  const runs = runStore(store);
  const dataKey = await seal.newDataKey(id);
  await runs.transaction(() =>
    runs.insert({
      id,
      plan,
      planHash: '',
      mode,
      rollback: false,
      dataKey,
      startedBy: 'bench',
      lines: [entryLine('run', new Date(), { run: id, state: 'running' })],
    }),
  );
  return id;
}

export type Judgement = { readonly lost: number; readonly unresolved: number };

/** Asks every target from outside which of the escrowed values it accepts, and whether that is the one the escrow calls live. */
export async function judge(parts: { store: Store; escrow: Escrow }, run: string, targets: readonly Target[]): Promise<Judgement> {
  const items = await parts.store.query<{ state: string }>(`select i.state from item i join run r on r.key = i.run where r.id = $1`, [run]);
  const rows = await parts.store.query<{
    system: string;
    id: string;
    name: string;
    account: string;
    origin: SealedSecret['origin'];
    version: number;
    state: SealedSecret['state'];
    data_key: string;
    sealed: Buffer;
  }>(
    `select a.system, a.id, a.name, a.key::text as account, s.origin, s.version, s.state, s.data_key::text as data_key, s.sealed
       from account a left join secret s on s.account = a.key and s.state = 'live'`,
  );
  let lost = 0;
  for (const row of rows) {
    const target = targets.find((t) => t.system.id === row.system) as Target; // enrolled from these
    if (row.sealed === null) {
      lost++;
      continue;
    }
    const secret = await parts.escrow.open(row.account, { ...row, dataKey: row.data_key });
    if (!(await secret.text((text) => target.accepts(row.name, row.id, text)))) lost++;
  }
  return { lost, unresolved: items.filter((i) => i.state !== 'complete').length };
}
