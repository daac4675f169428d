// Whatever arrives while the previous COMMIT runs goes into the next one: one statement carries hundreds of items, each awaits its own result.

type Waiting<T> = { readonly record: T; readonly settle: (kept: boolean) => void; readonly fail: (error: unknown) => void };

/** Fewer records than this wait for company: a moment after a quiet time, else until `apartMs` after the flush before. */
const few = 64;
const lingerMs = 5;
const apartMs = 25;

/** `flush` writes a batch in one transaction and answers, in order, which records were kept (false = fenced). */
export class GroupCommit<T> {
  readonly #flush: (batch: readonly T[]) => Promise<readonly boolean[]>;
  readonly #max: number;
  readonly #inFlight: number;
  #queue: Waiting<T>[] = [];
  #running = 0;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #flushedAt = Number.NEGATIVE_INFINITY;

  /** `max` 500: beyond that the statement's own cost grows as fast as the batch (measured: ≤ 25 % between 100 and 200). */
  constructor(flush: (batch: readonly T[]) => Promise<readonly boolean[]>, limits: { readonly max?: number; readonly inFlight: number }) {
    this.#flush = flush;
    this.#max = limits.max ?? 500;
    this.#inFlight = limits.inFlight;
  }

  /** Resolves after the COMMIT that holds the record: true = kept, false = fenced. Rejects when the store failed. */
  push(record: T): Promise<boolean> {
    return new Promise((settle, fail) => {
      this.#queue.push({ record, settle, fail });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (!this.#mayFlush()) return;
    // setImmediate, not a microtask: everything that became ready in this turn of the loop joins the batch. A few records wait a moment for
    // more: a statement's own cost (bind, plan, fsync) is that of some fifty rows, and the targets of so few are what the lane waits for anyway. Forty
    // flushes a second at most, then: each is an fsync, and on a disk that is shared with anybody it is their write that waits for it.
    if (this.#queue.length >= few) this.#immediate ??= setImmediate(() => this.#flushNow());
    else this.#timer ??= setTimeout(() => this.#flushNow(), Math.max(lingerMs, this.#flushedAt + apartMs - performance.now()));
  }

  #flushNow(): void {
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
    this.#immediate = undefined;
    this.#timer = undefined;
    while (this.#mayFlush()) void this.#run(this.#queue.splice(0, this.#max));
  }

  /** A second flush beside a running one only for a batch worth its round trip: a handful of records waits for the running COMMIT instead. */
  #mayFlush(): boolean {
    if (this.#running === 0) return this.#queue.length > 0;
    return this.#running < this.#inFlight && this.#queue.length >= this.#max / 4;
  }

  async #run(batch: Waiting<T>[]): Promise<void> {
    this.#running++;
    this.#flushedAt = performance.now();
    try {
      const kept = await this.#flush(batch.map((w) => w.record));
      batch.forEach((waiting, i) => {
        waiting.settle(kept[i] === true);
      });
    } catch (error) {
      for (const waiting of batch) waiting.fail(error);
    } finally {
      this.#running--;
      this.#schedule();
    }
  }
}
