// A reset of many accounts, each with a death or a lost answer at a point of its own; fresh workers take over until nothing moves, then the targets are asked.
import { setMaxListeners } from 'node:events';
import { startChain } from '../../bench/crash/chain.ts';
import { type Swallow, startSwallow } from '../../lab/swallow.ts';
import { registry } from '../../src/connectors/registry.gen.ts';
import type { Connection } from '../../src/kit/connector.ts';
import { openEscrow } from '../../src/seal/escrow.ts';
import type { Seal } from '../../src/seal/seal.ts';
import { runStore } from '../../src/store/runs.ts';
import type { Store } from '../../src/store/sql.ts';
import { lanesOf, workerOf } from '../../src/wire/worker.ts';
import { LocalEngine } from '../harness/local-engine.ts';
import { gateOf, lanesThroughHands, throughHands } from './cut-off.ts';
import { type Enrolled, enrol } from './enrol.ts';
import { Hands, type Point } from './hands.ts';
import { type Findings, judge } from './judge.ts';
import type { CrashAccount, CrashStore, CrashTarget } from './target.ts';

export type Ground = { readonly store: Store; readonly seal: Seal };
export type Subject = { readonly system: CrashTarget; readonly store: CrashStore };
export type Swept = Findings & { readonly points: number; readonly deaths: number; readonly swallowed: number; readonly rewrites: number };

/** The most deaths one item has, and rounds after them: an item in doubt is looked at again by the worker that settles it. */
const lives = 3;
const rounds = 4;
const modes = ['continuity', 'contain'] as const;
const escrowOf = (seal: Seal) => openEscrow(seal, () => ({ length: 20, classes: ['lower', 'upper', 'digit'] }));

/** Nothing in its way: the boundaries and writes that a reset has, in either mode. */
export async function rehearse(
  ground: Ground,
  subject: Subject,
  accounts: readonly CrashAccount[],
): Promise<{ readonly hands: readonly Hands[]; readonly findings: Findings }> {
  const all = modes.map((mode, n) => ({ account: accounts[n] as CrashAccount, hands: new Hands({ mode, deaths: [] }) }));
  return { findings: await drive(ground, subject, all), hands: all.map(({ hands }) => hands) };
}

export async function sweep(ground: Ground, subject: Subject, accounts: readonly CrashAccount[], points: readonly Point[]): Promise<Swept> {
  const all = points.map((point, n) => ({ account: accounts[n] as CrashAccount, hands: new Hands(point) }));
  const findings = await drive(ground, subject, all);
  const sum = (of: (hands: Hands) => number): number => all.reduce((n, { hands }) => n + of(hands), 0);
  return {
    ...findings,
    points: points.length,
    deaths: sum((h) => h.died),
    swallowed: sum((h) => h.swallowed),
    rewrites: sum((h) => h.rewrites),
  };
}

type Swinging = { readonly account: CrashAccount; readonly hands: Hands };

async function drive(ground: Ground, subject: Subject, all: readonly Swinging[]): Promise<Findings> {
  const enrolled = await Promise.all(all.map((each) => enrol(ground, subject, each.account, each.hands)));
  const proxies = await proxiesOf(subject, enrolled);
  const runs: string[] = [];
  for (const mode of modes) {
    const systems = enrolled.filter(({ hands }) => hands.point.mode === mode).map(({ system }) => system);
    if (systems.length > 0) runs.push(await startChain(ground.store, ground.seal, { mode, systems }));
  }
  for (let life = 1; life <= lives + rounds; life++) {
    for (const { hands } of enrolled) hands.revive(life >= lives);
    await work(ground, subject, { enrolled, proxies, runs });
    const running = await runStore(ground.store).running();
    if (!running.some((run) => runs.includes(run))) break;
  }
  for (const proxy of proxies.values()) await proxy.stop();
  return judge({ ...ground, escrow: escrowOf(ground.seal) }, subject, enrolled, runs);
}

/** A proxy before each side of each point that wants one: the n-th request of a write is counted on its own line. */
async function proxiesOf({ system, store }: Subject, enrolled: readonly Enrolled[]): Promise<ReadonlyMap<string, Swallow>> {
  const proxies = new Map<string, Swallow>();
  for (const { system: id, place, hands } of enrolled) {
    if (hands.point.lost?.chunk === undefined) continue;
    for (const [side, behind] of [
      [id, system.behind],
      [place, store.behind],
    ] as const)
      if (behind !== undefined) proxies.set(side, await startSwallow({ target: behind }));
    hands.arm = (name, chunk) => {
      let seen = 0;
      return proxies.get(name.startsWith('storeConsumer.') ? place : id)?.swallowReplies(() => ++seen === chunk);
    };
  }
  return proxies;
}

type Stage = { readonly enrolled: readonly Enrolled[]; readonly proxies: ReadonlyMap<string, Swallow>; readonly runs: readonly string[] };

/** One worker of its own process, as far as one process can hold several: nothing is handed from one to the next but the store. */
async function work(ground: Ground, subject: Subject, { enrolled, proxies, runs: ours }: Stage): Promise<void> {
  const { store, seal } = ground;
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  const opened: Connection[] = [];
  const gate = gateOf(subject.system.atOnce ?? 64);
  const storeGate = gateOf(64);
  const engine = new LocalEngine();
  const runs = runStore(store);
  const by = new Map(enrolled.flatMap((each) => [[each.system, each] as const, [each.place, each] as const]));
  const found = (id: string): Enrolled => {
    const each = by.get(id);
    if (each === undefined) throw new Error(`nothing is enrolled as ${id}`);
    return each;
  };
  const open = async (id: string): Promise<Connection> => {
    const each = found(id);
    const reach = { system: id, timeoutMs: 15_000, signal: ending.signal };
    const port = proxies.get(id)?.port;
    const at = port === undefined ? undefined : { host: '127.0.0.1', port };
    const connection = await (id === each.system ? subject.system.open(reach, at) : subject.store.open(reach, at));
    opened.push(connection);
    return throughHands(connection, each.hands, id === each.system ? gate : storeGate);
  };
  const connections = new Map<string, Promise<Connection>>();
  const once = (id: string): Promise<Connection> => connections.get(id) ?? (connections.set(id, open(id)).get(id) as Promise<Connection>); // just set
  const lanes = lanesThroughHands(
    lanesOf(store),
    (system) => found(system).hands,
    async (lane) => (await store.query<{ system: string }>('select system from lane where key = $1::int8', [lane]))[0]?.system ?? '',
  );
  await engine.work(
    workerOf({
      store,
      lanes,
      runs,
      engine,
      connections: {
        open: async (id) => {
          const connection = await once(id);
          const paths = async () =>
            ((await connection.probe?.paths()) ?? []).map((where) => ({ where, connection, record: where.replica }));
          return { connection, limits: { concurrency: 4, perSecond: 1e9 }, paths };
        },
      },
      escrow: escrowOf(seal),
      settings: { adoptionMs: 10_000, patienceMs: 60_000 },
      now: () => new Date(),
    }),
  );
  await runs.forgetHolders();
  for (const run of ours) await engine.sendAdvance(run);
  await engine.idle();
  await engine.stop();
  ending.abort();
  await Promise.allSettled(opened.map((each) => each[Symbol.asyncDispose]()));
}

/** The connectors of the product that write: by their own answers. */
export async function writers(): Promise<{ readonly systems: string[]; readonly stores: string[] }> {
  const systems: string[] = [];
  const stores: string[] = [];
  for (const [id, load] of Object.entries(registry)) {
    const { supports } = await load();
    if (supports.setSecret === true || supports.overlap === true || supports.dualSecret === true || supports.contain === true)
      systems.push(id);
    if (supports.storeConsumer === true) stores.push(id);
  }
  return { systems, stores };
}
