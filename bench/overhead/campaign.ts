// Seeds a run of N items over the no-op target and drains it with the product's own lane, committer, seal and verification.
import { randomBytes } from 'node:crypto';
import { shortId } from '../../src/domain/id.ts';
import { Breaker } from '../../src/engine/breaker.ts';
import { Pace } from '../../src/engine/pace.ts';
import type { Claim } from '../../src/execute/port.ts';
import { workLane } from '../../src/execute/work-lane.ts';
import type { Connection } from '../../src/kit/connector.ts';
import { secretAad } from '../../src/seal/envelope.ts';
import { openEscrow } from '../../src/seal/escrow.ts';
import type { Seal } from '../../src/seal/seal.ts';
import type { Store } from '../../src/store/sql.ts';
import { SpentBudget } from '../../src/verify/budget.ts';
import { verifyItem } from '../../src/verify/verify-item.ts';
import { lanesOf } from '../../src/wire/worker.ts';
import { noOpTarget } from './no-op.ts';

export type Seeded = {
  readonly run: string;
  readonly runKey: string;
  readonly lane: string;
  readonly log: number;
  readonly dataKey: string;
  readonly items: number;
};

/** `old`: its present secret, which the run must prove refused. */
export type Account = { readonly id: string; readonly name: string; readonly locator: string | null; readonly old: string };

/** A plan, a run and one lane over N made-up accounts or the given ones, each with one leaked old secret. */
export async function seed(store: Store, seal: Seal, of: number | readonly Account[]): Promise<Seeded> {
  const name = shortId('R', randomBytes(8));
  const system = `bench-${name.toLowerCase()}`;
  const dataKey = await seal.newDataKey(name);
  const key = await seal.dataKey(dataKey);
  const items = typeof of === 'number' ? of : of.length;
  const sealed = (old: string): Buffer => key.seal(secretAad('0', 'leaked', 1, dataKey), Buffer.from(old));
  await store.query(`insert into system(id, connector, spec) values ($1, 'bench', '')`, [system]);
  if (typeof of === 'number') {
    await store.query(
      `insert into account(system, id, name, owners, kind) select $1, 'id-' || i, 'svc-' || i, array['owner'], 'service' from generate_series(1, $2::int4) i`,
      [system, of],
    );
    await store.query(
      `insert into secret(account, origin, version, state, data_key, sealed) select key, 'leaked', 1, 'live', $2::int8, $3 from account where system = $1`,
      [system, dataKey, sealed('old-secret')],
    );
  } else {
    const columns = [of.map((a) => a.id), of.map((a) => a.name), of.map((a) => a.locator), of.map((a) => sealed(a.old))];
    await store.query(
      `with a as (insert into account(system, id, name, locator, owners, kind)
           select $1, t.id, t.name, t.locator, array['owner'], 'service' from unnest($3::text[], $4::text[], $5::text[]) t(id, name, locator) returning key, id)
       insert into secret(account, origin, version, state, data_key, sealed)
         select a.key, 'leaked', 1, 'live', $2::int8, t.sealed from a join unnest($3::text[], $6::bytea[]) t(id, sealed) on t.id = a.id`,
      [system, dataKey, ...columns],
    );
  }
  await store.query(`insert into plan(id, name, hash, header, created_by, expires_at) values ($1, 'bench', '', '{}', 'bench', now())`, [
    name,
  ]);
  const [run] = await store.query<{ key: string }>(
    `insert into run(id, plan, plan_hash, mode, data_key, started_by) values ($1, $1, '', 'continuity', $2::int8, 'bench') returning key::text as key`,
    [name, dataKey],
  );
  const runKey = run?.key as string;
  const [log] = await store.query<{ key: number }>(`insert into log(name) values ($1) returning key`, [name]);
  await store.query(`insert into wave(run, n, name, mode, state) values ($1::int8, 1, 'all', 'continuity', 'running')`, [runKey]);
  const [lane] = await store.query<{ key: string }>(
    `insert into lane(run, wave, system, state) values ($1::int8, 1, $2, 'running') returning key::text as key`,
    [runKey, system],
  );
  await store.query(
    `insert into item(run, lane, wave, account) select $1::int8, $2::int8, 1, key from account where system = $3 order by key`,
    [runKey, lane?.key, system],
  );
  await store.query('vacuum analyze item').catch(() => undefined);
  return { run: name, runKey, lane: lane?.key as string, log: log?.key as number, dataKey, items };
}

export type Bench = { readonly connection: Connection; readonly limits: { readonly concurrency: number; readonly perSecond: number } };

export async function drain(
  store: Store,
  seal: Seal,
  seeded: Seeded,
  { connection, limits }: Bench = { connection: noOpTarget(), limits: { concurrency: 150, perSecond: 1e9 } },
): Promise<void> {
  const escrow = openEscrow(seal, () => ({ length: 24 }));
  // The old values were sealed before their accounts had a number: the bench opens them under the name they were sealed for.
  const opened = {
    ...escrow,
    open: (account: string, row: Parameters<typeof escrow.open>[1]) => escrow.open(row.origin === 'leaked' ? '0' : account, row),
  };
  const spent = new SpentBudget(60_000, () => performance.now());
  await workLane(
    {
      store: lanesOf(store),
      escrow: opened,
      worker: 'bench',
      openSystem: async () => ({ connection, limits }),
      verifier:
        (claim: Claim) =>
        async ({ item, fresh, olds, changedAfter, pace }) =>
          verifyItem({
            account: item.ref,
            connection,
            paths: (await connection.probe?.paths())?.map((where) => ({ where, connection, record: where.replica })) ?? [],
            fresh,
            olds: olds.map((o) => o.secret),
            nonsense: opened.nonsense(claim.system),
            changedAfter,
            spent,
            canaryProved: () => false,
            now: () => new Date(),
            pace,
          }),
      resolver: () => async () => ({ finding: 'unknown', why: 'no doubt in this bench', lines: [] }),
      pace: () => new Pace(limits),
      breaker: () => new Breaker(),
      settings: { adoptionMs: 1000, patienceMs: 1000 },
      now: () => new Date(),
    },
    seeded.lane,
    new AbortController().signal,
  );
  const [row] = await store.query<{ n: number }>(`select count(*)::int as n from item where lane = $1::int8 and state = 'complete'`, [
    seeded.lane,
  ]);
  if (row?.n !== seeded.items) throw new Error(`${row?.n} of ${seeded.items} items are complete`);
}
