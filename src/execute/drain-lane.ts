// Drains one lane: keyset pages, a bounded number of items in flight, waits without holding a place, a heartbeat that fences the loser.
import { isTerminal } from '../domain/item.ts';
import { driveItem } from './drive-item.ts';
import { type Held, type LaneHands, LaneLost } from './lane-hands.ts';
import { park } from './move.ts';
import type { LaneStats, WorkItem } from './port.ts';

export type Drain = {
  readonly hands: LaneHands;
  readonly inFlight: number;
  readonly beatMs: number;
  readonly signal: AbortSignal;
  readonly stats: () => LaneStats;
  /** Called after each confirmed heartbeat: moves the lease that `assertHeld` looks at. */
  readonly beaten: () => void;
};

/** `halted`: the breaker gave the system up. `left`: pause, abort or shutdown. `lost`: another worker holds the lane. */
export type DrainEnd =
  | { readonly kind: 'drained' }
  | { readonly kind: 'halted'; readonly reason: string }
  | { readonly kind: 'left' }
  | { readonly kind: 'lost' };

const pageSize = 500;
const mostWaiting = 5000;

export async function drainLane(drain: Drain): Promise<DrainEnd> {
  const lane = new LaneDrain(drain);
  return lane.run();
}

class LaneDrain {
  readonly #drain: Drain;
  #buffer: WorkItem[] = [];
  #after = '0';
  #eof = false;
  #refill: Promise<void> | undefined;
  #waiting: { readonly held: Held; readonly since: number; readonly at: number; readonly why: string }[] = [];
  #end: DrainEnd | undefined;
  #error: unknown;

  constructor(drain: Drain) {
    this.#drain = drain;
  }

  async run(): Promise<DrainEnd> {
    const beat = setInterval(() => void this.#beat(), this.#drain.beatMs);
    try {
      await Promise.all(Array.from({ length: this.#drain.inFlight }, () => this.#loop()));
    } finally {
      clearInterval(beat);
    }
    if (this.#error !== undefined) throw this.#error;
    return this.#end ?? { kind: 'drained' };
  }

  async #beat(): Promise<void> {
    const { hands, stats } = this.#drain;
    try {
      if (!(await hands.store.beat(hands.claim))) return this.#stop({ kind: 'lost' });
      this.#drain.beaten();
      if (!(await hands.store.wanted(hands.claim))) return this.#stop({ kind: 'left' });
      await hands.store.note(hands.claim, this.#whyWaiting(), stats());
    } catch {
      // The store did not answer: the lease runs out by itself and assertHeld stops the next target write.
    }
  }

  #stop(end: DrainEnd): void {
    this.#end ??= end;
  }

  async #loop(): Promise<void> {
    while (this.#end === undefined && this.#error === undefined) {
      if (this.#drain.signal.aborted) return this.#stop({ kind: 'left' });
      if (await this.#breakerHolds()) continue;
      const held = await this.#take();
      if (held === undefined) return;
      if (held === 'wait') {
        await pause(100);
        continue;
      }
      await this.#drive(held);
    }
  }

  async #drive(held: Held): Promise<void> {
    try {
      const end = await driveItem(this.#drain.hands, held, () => this.#end !== undefined || this.#drain.signal.aborted);
      if (isTerminal(held.item.state)) this.#drain.hands.times.finished(held.waitedMs);
      const since = performance.now();
      if (end.kind === 'again') this.#waiting.push({ held, since, at: since + end.afterMs, why: end.why });
    } catch (error) {
      if (error instanceof LaneLost) this.#stop({ kind: 'lost' });
      else await this.#parkBroken(held, error);
    }
  }

  /**
   * A connector that throws has a bug: its item is parked where it stands, the others go on. Only the error's name is written: its message was
   * made with a secret in reach. When the parking fails too, it was the store, and the lane fails.
   */
  async #parkBroken(held: Held, error: unknown): Promise<void> {
    try {
      await park(this.#drain.hands, held, `unexpected error in the connector (${error instanceof Error ? error.name : typeof error})`);
    } catch (second) {
      if (second instanceof LaneLost) this.#stop({ kind: 'lost' });
      else this.#error ??= error;
    }
  }

  /** True while the breaker is open: one loop at a time may try again when its time has come. */
  async #breakerHolds(): Promise<boolean> {
    const { state } = this.#drain.hands.breaker;
    switch (state.kind) {
      case 'closed':
        return false;
      case 'given-up':
        this.#stop({ kind: 'halted', reason: state.reason });
        return true;
      case 'open':
        if (performance.now() >= state.untilMs) return false;
        await pause(Math.min(200, Math.max(10, state.untilMs - performance.now())));
        return true;
    }
  }

  /** A due waiter first, then the next fresh item; `wait` when others may still come back; undefined when nothing is left. */
  async #take(): Promise<Held | 'wait' | undefined> {
    const now = performance.now();
    const due = this.#waiting.findIndex((w) => w.at <= now);
    const [waiter] = due < 0 ? [] : this.#waiting.splice(due, 1);
    if (waiter !== undefined) {
      waiter.held.waitedMs += now - waiter.since;
      return waiter.held;
    }
    // Memory stays flat: past this many waiters no fresh item is begun until one of them moved on.
    if (this.#waiting.length >= mostWaiting) return 'wait';
    const fresh = this.#buffer.shift();
    if (fresh !== undefined) {
      if (this.#buffer.length < this.#drain.inFlight && !this.#eof) void this.#more();
      if (fresh.state !== 'planned') this.#drain.hands.times.resumed();
      return { item: fresh, candidate: undefined, doubtTries: 0, silent: 0, waitedMs: 0, since: now };
    }
    if (!this.#eof) {
      await this.#more();
      return this.#error === undefined ? this.#take() : undefined;
    }
    return this.#waiting.length > 0 ? 'wait' : undefined;
  }

  #more(): Promise<void> {
    this.#refill ??= this.#page().finally(() => {
      this.#refill = undefined;
    });
    return this.#refill;
  }

  async #page(): Promise<void> {
    const { hands } = this.#drain;
    try {
      const items = await hands.store.page(hands.claim, this.#after, pageSize);
      if (items.length < pageSize) this.#eof = true;
      this.#after = items.at(-1)?.key ?? this.#after;
      this.#buffer.push(...items);
    } catch (error) {
      this.#error ??= error;
    }
  }

  #whyWaiting(): string | undefined {
    const first = this.#waiting[0];
    const { state } = this.#drain.hands.breaker;
    if (state.kind === 'open') return `stopped for a moment: ${state.reason}`;
    return first === undefined ? undefined : `${this.#waiting.length} item(s) wait: ${first.why}`;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
