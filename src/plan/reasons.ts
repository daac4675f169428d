// Counts by reason with a few examples each: what a plan blocks and what it does not cover, in a size people read.
import type { ReasonCount } from '../domain/view.ts';

const samples = 5;

export class Reasons {
  readonly #found = new Map<string, { count: number; sample: string[]; hint: string }>();

  add(reason: string, hint: string, example: string, count = 1): void {
    const entry = this.#found.get(reason);
    if (entry === undefined) this.#found.set(reason, { count, sample: [example], hint });
    else {
      entry.count += count;
      if (entry.sample.length < samples && !entry.sample.includes(example)) entry.sample.push(example);
    }
  }
  count(reason: string): number {
    return this.#found.get(reason)?.count ?? 0;
  }
  /** Most first; equal counts by name, so that a plan made twice reads the same. */
  list(): ReasonCount[] {
    return [...this.#found]
      .map(([reason, { count, sample, hint }]) => ({ reason, count, sample, hint }))
      .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
  }
}
