// Seeds a run of N items over the no-op target and drains it with the product's own lane, committer, seal and verification.
import { randomBytes } from 'node:crypto';
import { shortId } from '../../src/domain/id.ts';
import { Breaker } from '../../src/engine/breaker.ts';
import { Pace } from '../../src/engine/pace.ts';
import type { Claim } from '../../src/execute/port.ts';
import { workLane } from '../../src/execute/work-lane.ts';
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

/** Accounts with one leaked old secret each, a plan, a run, one lane; all by generate_series. */
export async function seed(store: Store, seal: Seal, items: number): Promise<Seeded> {
  const name = shortId('R', randomBytes(8));
  const system = `bench-${name.toLowerCase()}`;
  const dataKey = await seal.newDataKey(name);
  const old = (await seal.dataKey(dataKey)).seal(secretAad('0', 'leaked', 1, dataKey), Buffer.from('old-secret'));
  await store.query(`insert into system(id, connector, spec) values ($1, 'no-op', '')`, [system]);
  await store.query(
    `insert into account(system, id, name, owners, kind) select $1, 'id-' || i, 'svc-' || i, array['owner'], 'service' from generate_series(1, $2::int4) i`,
    [system, items],
  );
  await store.query(
    `insert into secret(account, origin, version, state, data_key, sealed) select key, 'leaked', 1, 'live', $2::int8, $3 from account where system = $1`,
    [system, dataKey, old],
  );
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

export async function drain(store: Store, seal: Seal, seeded: Seeded): Promise<void> {
  const escrow = openEscrow(seal, () => ({ length: 24 }));
  // The leaked rows are one blob sealed once: opening them under each account's own name would fail, so the bench opens them as what they are.
  const opened = {
    ...escrow,
    open: (account: string, row: Parameters<typeof escrow.open>[1]) => escrow.open(row.origin === 'leaked' ? '0' : account, row),
  };
  const connection = noOpTarget();
  const spent = new SpentBudget(60_000, () => performance.now());
  const limits = { concurrency: 200, perSecond: 1e9 };
  await workLane(
    {
      store: lanesOf(store),
      escrow: opened,
      worker: 'bench',
      openSystem: async () => ({ connection, limits }),
      verifier:
        (claim: Claim) =>
        async ({ item, fresh, olds, appliedAt, pace }) =>
          verifyItem({
            account: item.ref,
            connection,
            paths: (await connection.probe?.paths())?.map((where) => ({ where, connection })) ?? [],
            fresh,
            olds: olds.map((o) => o.secret),
            nonsense: opened.nonsense(claim.system),
            appliedAt,
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
