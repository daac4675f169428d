// Stops one system, never the run: after a row of transport or rights failures it opens, tries again alone, and gives up after a while.

export type BreakerState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly untilMs: number; readonly reason: string }
  | { readonly kind: 'given-up'; readonly reason: string };

export type BreakerLimits = { readonly failures: number; readonly coolMs: number; readonly trials: number };

/** 10 failures in a row open it; 4 trials after 2, 4, 8 and 16 s close it again or give the system up for this run. */
const usual: BreakerLimits = { failures: 10, coolMs: 2000, trials: 4 };

export class Breaker {
  readonly #limits: BreakerLimits;
  readonly #now: () => number;
  #row = 0;
  #trials = 0;
  #state: BreakerState = { kind: 'closed' };

  constructor(limits: Partial<BreakerLimits> = {}, now: () => number = () => performance.now()) {
    this.#limits = { ...usual, ...limits };
    this.#now = now;
  }

  get state(): BreakerState {
    return this.#state;
  }

  success(): void {
    this.#row = 0;
    this.#trials = 0;
    this.#state = { kind: 'closed' };
  }

  failure(reason: string): void {
    this.#row++;
    if (this.#state.kind === 'given-up') return;
    const trying = this.#state.kind === 'open' && this.#now() >= this.#state.untilMs;
    if (this.#state.kind === 'closed' ? this.#row < this.#limits.failures : !trying) return;
    if (this.#trials >= this.#limits.trials) {
      this.#state = { kind: 'given-up', reason };
      return;
    }
    this.#state = { kind: 'open', untilMs: this.#now() + this.#limits.coolMs * 2 ** this.#trials, reason };
    this.#trials++;
  }
}
