// The Engine on pg-boss: one job per lane, one reconciler job per run, both deduplicated, both harmless to lose or repeat.
import { PgBoss } from 'pg-boss';
import type { Engine, EngineHandlers } from './port.ts';

/** What pg-boss needs of the store: statements that join the caller's transaction. */
export type BossStore = {
  readonly kind: 'pglite' | 'postgres';
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
};

type LaneJob = { readonly lane: string };
type AdvanceJob = { readonly run: string };

/** A lane that runs longer than a day is sent again by the reconciler; pg-boss refuses to expire later than 24 h. */
const laneLife = { expireInSeconds: 86_000, heartbeatSeconds: 10, retryLimit: 100, retryDelay: 1 };
/** Lanes in hand per process: more than the systems of a large wave; each waits on its own target, not on the CPU. */
const lanesAtOnce = 16;

export async function openBoss(store: BossStore, report: (error: Error) => void): Promise<Engine> {
  const boss = new PgBoss({
    backend: store.kind === 'pglite' ? 'pglite' : 'postgres',
    db: { executeSql: (text: string, values?: unknown[]) => store.executeSql(text, values) },
    superviseIntervalSeconds: 2,
    monitorIntervalSeconds: 2,
  });
  boss.on('error', report);
  await boss.start();
  // exclusive: one job per lane, queued or active. stately: one active and one queued per run, so that a change
  // seen while the reconciler runs is reconciled again.
  await boss.createQueue('lane', { policy: 'exclusive', ...laneLife });
  await boss.createQueue('advance', { policy: 'stately', expireInSeconds: 300, heartbeatSeconds: 10, retryLimit: 20, retryDelay: 1 });
  return new BossEngine(boss, store.kind, report);
}

class BossEngine implements Engine {
  readonly #boss: PgBoss;
  readonly #kind: 'pglite' | 'postgres';
  readonly #stopping = new AbortController();
  readonly #inHand = new Set<Promise<void>>();
  #workers: { readonly queue: string; readonly id: string }[] = [];
  readonly #report: (error: Error) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(boss: PgBoss, kind: 'pglite' | 'postgres', report: (error: Error) => void) {
    this.#boss = boss;
    this.#kind = kind;
    this.#report = report;
  }

  async work(handlers: EngineHandlers): Promise<void> {
    // Embedded, this is the only process: every job in the table is an orphan of the last one. The reconciler sends them anew from the tables.
    if (this.#kind === 'pglite') for (const queue of ['lane', 'advance']) await this.#boss.deleteAllJobs(queue);
    const poll = { pollingIntervalSeconds: 0.5, batchSize: 1 };
    const lane = await this.#boss.work<LaneJob>('lane', { ...poll, localConcurrency: lanesAtOnce }, ([job]) =>
      job === undefined ? Promise.resolve() : this.#hold(handlers.drain(job.data.lane, this.#stopping.signal)),
    );
    const advance = await this.#boss.work<AdvanceJob>('advance', { ...poll, localConcurrency: 4 }, ([job]) =>
      job === undefined ? Promise.resolve() : this.#hold(handlers.advance(job.data.run)),
    );
    this.#workers = [
      { queue: 'lane', id: lane },
      { queue: 'advance', id: advance },
    ];
    // Every process may look: what is due is claimed row by row in the store.
    this.#timer = setInterval(() => void this.#hold(handlers.housekeep()).catch(this.#report), 5000);
    this.#timer.unref();
  }

  async sendLane(lane: string): Promise<void> {
    await this.#boss.send('lane', { lane } satisfies LaneJob, { singletonKey: lane });
    this.#wake('lane');
  }

  async sendAdvance(run: string, afterSeconds = 0): Promise<void> {
    await this.#boss.send('advance', { run } satisfies AdvanceJob, {
      singletonKey: run,
      ...(afterSeconds > 0 ? { startAfter: afterSeconds } : {}),
    });
    if (afterSeconds === 0) this.#wake('advance');
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#timer);
    await Promise.race([Promise.allSettled([...this.#inHand]), new Promise((resolve) => setTimeout(resolve, 30_000).unref())]);
    await this.#boss.stop({ graceful: false });
  }

  async #hold(work: Promise<void>): Promise<void> {
    const held = work.finally(() => this.#inHand.delete(held));
    this.#inHand.add(held);
    await held;
  }

  /** Polling every 0.5 s would add that to each wave; a worker in this process is told at once, after the sender's transaction had time to commit. */
  #wake(queue: string): void {
    setTimeout(() => {
      for (const worker of this.#workers) if (worker.queue === queue) this.#boss.notifyWorker(worker.id);
    }, 5).unref();
  }
}
