// When sessions began. These servers number connections but do not date them: what is kept is which number had been reached at which time.

type Mark = { readonly at: Date; readonly top: number };

/** Enough for a quarter of an hour of writes; what is older counts as old. */
const most = 4096;

/**
 * A session alive now with a number above a mark's began after that mark; one at or below it began before, because at the time of the mark it
 * was there to be counted. The start given is the earliest possible one: a session that may be older than the change is taken for older.
 */
export class Marks {
  readonly #marks: Mark[] = [];
  #bootedAt: Date | undefined;

  /** Told in whole seconds of uptime, the start wanders by a second between two readings: the first reading stands until the server restarts. */
  upSince(now: Date, uptimeSeconds: number): Date {
    const told = new Date(now.getTime() - (uptimeSeconds + 1) * 1000);
    if (this.#bootedAt === undefined || Math.abs(told.getTime() - this.#bootedAt.getTime()) > 3_000) this.#bootedAt = told;
    return this.#bootedAt;
  }

  /** `top` is the highest number among the connections that were open at `at`. It may fall: numbers are not used again. */
  note(at: Date, top: number): void {
    const last = this.#marks.at(-1);
    if (last !== undefined && at < last.at) return;
    this.#marks.push({ at, top });
    if (this.#marks.length > most) this.#marks.shift();
  }

  /** `upSince` is when the server started, before which nothing began: after a restart the numbers begin anew. */
  startOf(id: number, upSince: Date): Date {
    const at = this.#marks.findLast((mark) => mark.top < id)?.at;
    return at === undefined || at < upSince ? upSince : at;
  }
}
