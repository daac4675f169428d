// The Engine port without a job table: jobs run in this process as soon as they are sent. For tests of what the jobs do.
import type { Engine, EngineHandlers } from '../../src/engine/port.ts';

export class LocalEngine implements Engine {
  readonly errors: unknown[] = [];
  readonly #stopping = new AbortController();
  readonly #queued = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  #handlers: EngineHandlers | undefined;

  async work(handlers: EngineHandlers): Promise<void> {
    this.#handlers = handlers;
  }

  async sendLane(lane: string): Promise<void> {
    this.#send(`lane ${lane}`, (h) => h.drain(lane, this.#stopping.signal));
  }

  async sendAdvance(run: string): Promise<void> {
    this.#send(`advance ${run}`, (h) => h.advance(run));
  }

  /** Resolves when nothing is queued or running any more; rethrows the first error of a job. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled([...this.#running]);
    if (this.errors.length > 0) throw this.errors[0];
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled([...this.#running]);
  }

  #send(key: string, job: (handlers: EngineHandlers) => Promise<void>): void {
    if (this.#queued.has(key)) return;
    this.#queued.add(key);
    // After the sender's transaction: its rows must be visible to the job.
    const run = new Promise<void>((resolve) => setTimeout(resolve, 2)).then(async () => {
      this.#queued.delete(key);
      if (this.#handlers === undefined) return;
      await job(this.#handlers);
    });
    const kept = run.catch((error: unknown) => {
      this.errors.push(error);
    });
    this.#running.add(kept);
    void kept.finally(() => this.#running.delete(kept));
  }
}
