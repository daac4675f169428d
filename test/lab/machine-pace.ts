// How fast this machine was over a span of time, by the same small piece of work done every second: who shares it slows everything down, and no product sees that coming.
import { pbkdf2Sync } from 'node:crypto';

/** Long enough that a crowded machine interrupts it, short enough not to be the crowd. */
const rounds = 20_000;
const everyMs = 1000;

export class MachinePace {
  readonly #samples: { readonly at: number; readonly ms: number }[] = [];
  readonly #timer = setInterval(() => this.#sample(), everyMs);

  #sample(): void {
    const began = performance.now();
    pbkdf2Sync('pace', 'salt', rounds, 32, 'sha256');
    this.#samples.push({ at: Date.now(), ms: performance.now() - began });
  }

  /** How many times slower the machine was in the second span than in the first; means, because every interruption costs. */
  slowdown(first: Span, second: Span): number {
    return this.#mean(second) / this.#mean(first);
  }

  #mean([from, to]: Span): number {
    const within = this.#samples.filter(({ at }) => at >= from && at <= to);
    return within.reduce((sum, { ms }) => sum + ms, 0) / within.length;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** From and until, in milliseconds since 1970. */
export type Span = readonly [from: number, to: number];
