// What one lane took, for the next prediction: until its last item was through, and how much of that no item more would have made longer.

/** `ms`: from the claim to the end of the last of `items`. `fixedMs`: of it, the opening of the system and the longest that one item waited for others (replication, sessions). */
export type LanePaceSeen = { readonly items: number; readonly ms: number; readonly fixedMs: number };

export class LaneTimes {
  readonly #now: () => number;
  readonly #began: number;
  #openMs = 0;
  #waitedMs = 0;
  #items = 0;
  #lastMs = 0;
  #whole = true;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#began = now();
  }

  /** The system is open and its policy read: from here on there is work. */
  opened(): void {
    this.#openMs = this.#now() - this.#began;
  }

  /** An item that somebody had begun before: what is left of it says nothing of a whole one. */
  resumed(): void {
    this.#whole = false;
  }

  /** An item has come to its end. Items wait side by side, so the longest wait is the lane's. */
  finished(waitedMs: number): void {
    this.#lastMs = this.#now() - this.#began;
    this.#waitedMs = Math.max(this.#waitedMs, waitedMs);
    this.#items++;
  }

  /** Undefined while no whole item was seen. */
  seen(): LanePaceSeen | undefined {
    if (this.#items === 0 || !this.#whole) return undefined;
    const ms = Math.round(this.#lastMs);
    return { items: this.#items, ms, fixedMs: Math.min(ms, Math.round(this.#openMs + this.#waitedMs)) };
  }
}
