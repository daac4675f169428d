// A small campaign over twins without the doors around it: accounts from the twins, a plan written row by row, the real store, lanes and state machine.
import { randomBytes } from 'node:crypto';
import { registry } from '../../src/connectors/registry.gen.ts';
import { shortId } from '../../src/domain/id.ts';
import type { PlanSyncView, RunView } from '../../src/domain/view.ts';
import { deliveryOf } from '../../src/estate/delivery.ts';
import type { Estate } from '../../src/estate/estate.ts';
import type { Settings } from '../../src/execute/lane-hands.ts';
import type { Escrow, SealedSecret } from '../../src/execute/port.ts';
import { startRun } from '../../src/execute/start-run.ts';
import { retryRun } from '../../src/execute/steer-run.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { runView } from '../../src/store/run-views.ts';
import { runStore } from '../../src/store/runs.ts';
import type { Store } from '../../src/store/sql.ts';
import { type AnyConnector, Connections } from '../../src/wire/connections.ts';
import { workerOf } from '../../src/wire/worker.ts';
import { LocalEngine } from './local-engine.ts';

export type Campaign = {
  readonly run: string;
  /** The one at work now. */
  readonly engine: LocalEngine;
  readonly connections: Connections;
  readonly runs: ReturnType<typeof runStore>;
  view(): Promise<RunView>;
  /** A person's retry; answers how many items it opened. */
  retry(states: readonly string[]): Promise<number>;
  /** Another process takes the run over: the one before is gone, whatever it was doing. */
  takeOver(): Promise<void>;
  /** Drives until nothing moves any more. */
  settle(): Promise<RunView>;
  stop(): Promise<void>;
};

export type CampaignOptions = {
  readonly store: Store;
  readonly systems: { readonly [id: string]: unknown };
  readonly mode?: 'contain' | 'continuity';
  readonly rollback?: boolean;
  readonly settings?: Partial<Settings>;
  /** Names of accounts that are canaries. */
  readonly canaries?: readonly string[];
  /** Old secrets known from the leak: account name → value. */
  readonly leaked?: { readonly [account: string]: string };
  readonly connector?: string;
  /** A connector of the test's own beside the product's. */
  readonly own?: AnyConnector;
  /** Consumers of accounts by name, all in the file store. */
  readonly consumers?: readonly {
    readonly account: string;
    readonly id: string;
    readonly ref: string;
    readonly reload?: string;
    readonly health?: string;
  }[];
  /** What the plan says of an account beside its name; nothing = rotated in wave 1. `left`: in the inventory, not in the plan. */
  readonly planned?: (
    system: string,
    name: string,
  ) => { readonly wave?: number; readonly person?: string; readonly sync?: string; readonly left?: true };
  readonly sync?: PlanSyncView[];
  /** Folder the estate's relative paths start at. */
  readonly folder?: string;
};

/** XOR, so that a test can see that what lies in the store is not what was generated. */
const mask = (bytes: Uint8Array): Buffer => Buffer.from(bytes.map((b) => b ^ 0x5a));

let serial = 0;
export const plainEscrow: Escrow = {
  generate: () => ({ value: Buffer.from(`Fresh-${randomBytes(12).toString('hex')}-${serial++}`) }),
  derive: async (claim, { group, person, attempt }) => Buffer.from(`Shared-${claim.run}-${group}-${person}-${attempt}`),
  seal: async (_claim, _account, _version, value) => mask(value),
  open: async (_account, row: SealedSecret) => secretOf(`${row.origin}-${row.version}`, mask(row.sealed)),
  nonsense: () => secretOf('nonsense', `nonsense-${randomBytes(9).toString('hex')}`),
};

export function estateOf(systems: { readonly [id: string]: unknown }, connector = 'twin', folder = '/tmp'): Estate {
  return {
    name: 'test',
    folder,
    file: '/tmp/rekey.yaml',
    store: { dataDir: '/tmp/unused' },
    keyring: { provider: 'env', variable: 'UNUSED' },
    approvals: { count: 0, tier0: 0, handover: 0, self: true },
    approvers: [],
    delivery: deliveryOf(undefined),
    workloads: [],
    systems: Object.entries(systems).map(([id, config]) => ({
      id,
      connector,
      tier: 2,
      config,
      limits: {},
      password: {},
      paths: [],
      specHash: 'spec',
    })),
  };
}

export async function startCampaign(options: CampaignOptions): Promise<Campaign> {
  const { store } = options;
  const estate = estateOf(options.systems, options.own?.id ?? options.connector, options.folder);
  const own = options.own === undefined ? {} : { [options.own.id]: async () => options.own as AnyConnector };
  const connections = new Connections(estate, { ...registry, ...own }, {});
  let engine = new LocalEngine();
  const runs = runStore(store);
  const plan = await writePlan(options, connections);
  const settings: Settings = { adoptionMs: 1500, patienceMs: 5000, ...options.settings };
  const work = (): Promise<void> =>
    engine.work(workerOf({ store, runs, engine, connections, escrow: plainEscrow, settings, now: () => new Date() }));
  await work();
  const run = await startRun(
    {
      runs,
      checkDrift: async () => undefined,
      assertApproved: async () => [],
      newDataKey: async () => '1',
      sendAdvance: (id) => engine.sendAdvance(id),
      newId: () => shortId('R', randomBytes(8)),
      now: () => new Date(),
    },
    {
      id: plan,
      hash: 'hash',
      name: 'test',
      mode: options.mode ?? 'continuity',
      rollback: options.rollback ?? false,
      rotate: 1,
      contain: 0,
      byHand: 0,
      tier0: 0,
    },
    'tester',
    undefined,
  );
  const view = async (): Promise<RunView> => (await runView(store, run)) as RunView;
  return {
    run,
    get engine() {
      return engine;
    },
    connections,
    runs,
    view,
    retry: (states) =>
      retryRun(
        { runs, sendAdvance: (id) => engine.sendAdvance(id), now: () => new Date() },
        { name: 'tester', custodian: true },
        run,
        states,
      ),
    takeOver: async () => {
      engine = new LocalEngine();
      await work();
      await runs.forgetHolders();
      await engine.sendAdvance(run);
    },
    settle: async () => {
      await engine.idle();
      return view();
    },
    stop: async () => {
      await engine.stop();
      await connections.close();
    },
  };
}

async function writePlan(options: CampaignOptions, connections: Connections): Promise<string> {
  const { store } = options;
  const plan = shortId('P', randomBytes(8));
  const waves = [
    { n: 0, name: 'canary', mode: options.mode ?? 'continuity' },
    { n: 1, name: 'rest', mode: options.mode ?? 'continuity' },
    ...(options.sync === undefined ? [] : [{ n: 2, name: 'followers', mode: options.mode ?? 'continuity' }]),
  ];
  await store.query(
    `insert into plan(id, name, hash, header, created_by, expires_at) values ($1, 'test', 'hash', $2, 'tester', now() + interval '1 day')`,
    [plan, JSON.stringify({ waves, sync: options.sync ?? [] })],
  );
  let seq = 0;
  for (const system of Object.keys(options.systems)) {
    await store.query(`insert into system(id, connector, spec) values ($1, $2, 'spec') on conflict do nothing`, [
      system,
      options.own?.id ?? options.connector ?? 'twin',
    ]);
    const { connection } = await connections.open(system);
    let cursor: string | undefined;
    do {
      const page = await connection.inventory?.page({ limit: 200, ...(cursor === undefined ? {} : { cursor }) });
      if (page?.kind !== 'done') throw new Error(`inventory of ${system}: ${page?.kind}`);
      for (const found of page.value.items) {
        const [row] = await store.query<{ key: string }>(
          `insert into account(system, id, name, locator, kind, owners) values ($1, $2, $3, $4, $5, '{o}') on conflict (system, id) do update set name = excluded.name returning key::text as key`,
          [system, found.id, found.name, found.locator ?? null, found.kind],
        );
        for (const c of (options.consumers ?? []).filter((each) => each.account === found.name))
          await store.query(
            `insert into consumer(account, consumer, store, ref, owner, reload, health) values ($1::int8, $2, 'file', $3, 'o', $4, $5)
               on conflict (account, consumer) do update set ref = excluded.ref, reload = excluded.reload, health = excluded.health`,
            [row?.key, c.id, c.ref, c.reload ?? null, c.health ?? null],
          );
        const said = options.planned?.(system, found.name) ?? {};
        if (said.person !== undefined) await store.query('update account set person = $2 where key = $1::int8', [row?.key, said.person]);
        const canary = options.canaries?.includes(found.name) ?? false;
        const leaked = options.leaked?.[found.name];
        if (leaked !== undefined)
          await store.query(
            `insert into secret(account, origin, version, state, data_key, sealed) values ($1::int8, 'leaked', 1, 'live', 1, $2)`,
            [row?.key, mask(Buffer.from(leaked))],
          );
        if (said.left === true) continue;
        await store.query(
          `insert into plan_item(plan, seq, wave, account, system, action, canary, line, fingerprint) values ($1, $2::int4, $3::int2, $4::int8, $5, $7, $6::bool, $8, '')`,
          [
            plan,
            seq++,
            canary ? 0 : (said.wave ?? 1),
            row?.key,
            system,
            canary,
            found.byHand === undefined || found.generations !== undefined ? 'rotate' : 'by-hand',
            JSON.stringify({
              ...said,
              ...(found.byHand === undefined ? {} : { owner: 'o', byHand: found.byHand.instruction, mark: found.byHand.mark ?? null }),
              ...(found.generations === undefined ? {} : { strategy: 'generations' }),
            }),
          ],
        );
      }
      cursor = page.value.next;
    } while (cursor !== undefined);
  }
  return plan;
}
