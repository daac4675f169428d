// How fast one lane may go: a token bucket for the declared rate and a window that adapts to errors and latency (AIMD).

export type PaceLimits = { readonly concurrency: number; readonly perSecond: number };
export type PaceSignal =
  | { readonly kind: 'ok'; readonly ms: number }
  | { readonly kind: 'slow' }
  | { readonly kind: 'throttled'; readonly retryAfterMs?: number };

const pressedMs = 1000;

/**
 * Grows by one per window of successes while answers come within a second, halves on a fault, and stops
 * altogether until `retryAfterMs` has passed when the target says so. Local to the lane: its holder is alone.
 */
export class Pace {
  readonly #limits: PaceLimits;
  readonly #now: () => number;
  #window: number;
  #inFlight = 0;
  #good = 0;
  #meanMs = 0;
  #tokens: number;
  #refilledAt: number;
  #closedUntil = 0;
  #finished = 0;
  readonly #startedAt: number;
  /** The longest in hand first: an account is changed and unproved, its consumers not yet served, for as short as it can be. */
  #waiting: { readonly since: number; readonly resolve: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: PaceLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
    // Half of what is allowed: slow enough to meet an unknown target politely, fast enough to be there within a second.
    this.#window = Math.max(1, Math.ceil(limits.concurrency / 2));
    this.#tokens = Math.max(1, limits.perSecond / 10);
    this.#startedAt = this.#refilledAt = now();
  }

  get concurrency(): number {
    return Math.floor(this.#window);
  }

  /** Finished calls per second since the lane began. */
  get perSecond(): number {
    const seconds = (this.#now() - this.#startedAt) / 1000;
    return seconds > 0 ? this.#finished / seconds : 0;
  }

  /**
   * Waits for a place and a token; then the call is in flight until `report`. Whoever has the lower `since` goes first: in order of arrival all first
   * steps would go before any second one, and the target would wait while hundreds of items prepare the same step.
   */
  async enter(since: number): Promise<void> {
    while (!this.#admit(since)) await new Promise<void>((resolve) => this.#wait(since, resolve));
  }

  report(signal: PaceSignal): void {
    this.#inFlight--;
    this.#finished++;
    switch (signal.kind) {
      case 'ok':
        this.#grow(signal.ms);
        break;
      case 'slow':
        this.#shrink();
        break;
      case 'throttled':
        this.#shrink();
        this.#closedUntil = Math.max(this.#closedUntil, this.#now() + (signal.retryAfterMs ?? 1000));
        break;
    }
    this.#wake();
  }

  #grow(ms: number): void {
    this.#meanMs = this.#meanMs === 0 ? ms : this.#meanMs * 0.9 + ms * 0.1;
    this.#good++;
    if (this.#good < this.#window) return;
    this.#good = 0;
    // A target with one writer answers later, not more, when pressed: past a second more pressure buys only timeouts on work that then succeeds.
    if (this.#meanMs <= pressedMs) this.#window = Math.min(this.#limits.concurrency, this.#window + 1);
    else this.#window = Math.max(1, this.#window - 1);
  }

  #shrink(): void {
    this.#good = 0;
    this.#window = Math.max(1, this.#window / 2);
  }

  #admit(since: number): boolean {
    const now = this.#now();
    this.#tokens = Math.min(
      Math.max(1, this.#limits.perSecond / 10),
      this.#tokens + ((now - this.#refilledAt) / 1000) * this.#limits.perSecond,
    );
    this.#refilledAt = now;
    const overtakes = since > (this.#waiting[0]?.since ?? since);
    if (overtakes || now < this.#closedUntil || this.#inFlight >= Math.floor(this.#window) || this.#tokens < 1) return false;
    this.#tokens--;
    this.#inFlight++;
    return true;
  }

  #wait(since: number, resolve: () => void): void {
    // What comes back is older than most of what waits: its place is near the front. What is new goes to the end.
    const place = (this.#waiting.at(-1)?.since ?? since) <= since ? -1 : this.#waiting.findIndex((other) => other.since > since);
    this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, { since, resolve });
    if (this.#timer !== undefined) return;
    const now = this.#now();
    const untilToken = this.#tokens >= 1 ? 0 : ((1 - this.#tokens) / this.#limits.perSecond) * 1000;
    const ms = Math.max(this.#closedUntil - now, untilToken);
    // Without a clock to wait for, the next report wakes the queue.
    if (ms > 0 || this.#inFlight === 0) this.#timer = setTimeout(() => this.#wake(), Math.max(1, ms));
  }

  #wake(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const room = Math.max(1, Math.floor(this.#window) - this.#inFlight);
    for (const { resolve } of this.#waiting.splice(0, room)) resolve();
  }
}
