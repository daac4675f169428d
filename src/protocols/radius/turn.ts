// Lets so many logins at one server go on at a time. Rekey must not be the load under which a server refuses right passwords.

export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** undefined: no turn came before `deadline` (milliseconds of performance.now()) or the abort; nothing was started. */
  async take<T>(work: () => Promise<T>, until: { readonly deadline: number; readonly signal: AbortSignal }): Promise<T | undefined> {
    if (until.signal.aborted || !(await this.#turn(until))) return undefined;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }

  #turn({ deadline, signal }: { readonly deadline: number; readonly signal: AbortSignal }): Promise<boolean> {
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const done = (got: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        const at = this.#waiting.indexOf(enter);
        if (at >= 0) this.#waiting.splice(at, 1);
        resolve(got);
      };
      const enter = (): void => done(true);
      const stop = (): void => done(false);
      const timer = setTimeout(stop, Math.max(1, deadline - performance.now()));
      signal.addEventListener('abort', stop, { once: true });
      this.#waiting.push(enter);
    });
  }
}
