// What one lane took, for the next prediction: until its first item was through, and for each one after it. All that stands between is in it: waits, commits, other lanes.
export type LanePaceSeen = { readonly items: number; readonly firstMs: number; readonly itemMs?: number };

export class LaneTimes {
  readonly #now: () => number;
  readonly #began: number;
  #items = 0;
  #firstMs = 0;
  #lastMs = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#began = now();
  }

  /** An item has come to its end. */
  finished(): void {
    this.#lastMs = this.#now() - this.#began;
    if (this.#items === 0) this.#firstMs = this.#lastMs;
    this.#items++;
  }

  /** Undefined while nothing was finished: nothing was seen. */
  seen(): LanePaceSeen | undefined {
    const [items, firstMs] = [this.#items, Math.round(this.#firstMs)];
    if (items === 0) return undefined;
    return items === 1 ? { items, firstMs } : { items, firstMs, itemMs: (this.#lastMs - this.#firstMs) / (items - 1) };
  }
}
