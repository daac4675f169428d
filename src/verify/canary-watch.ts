// Remembers how far each canary of a run has come: asked a thousand times a second, read from the record a few times.
import type { Where } from '../domain/verdict.ts';
import type { CanaryRecord, CanaryStanding } from './port.ts';

export class CanaryWatch {
  readonly #record: CanaryRecord;
  readonly #now: () => number;
  readonly #known = new Map<string, { standing: Promise<CanaryStanding>; at: number }>();

  constructor(record: CanaryRecord, now: () => number = () => performance.now()) {
    this.#record = record;
    this.#now = now;
  }

  /** A settled canary may be opened again by a retry, so even that is not remembered for ever. */
  async standing(runKey: string, system: string): Promise<CanaryStanding> {
    const key = `${runKey}/${system}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      const standing = await known.standing;
      if (this.#now() - known.at < (standing.kind === 'open' ? 200 : 5000)) return standing;
    }
    const entry = { standing: this.#record.standing(runKey, system), at: this.#now() };
    this.#known.set(key, entry);
    return entry.standing;
  }
}

export function provedBy(standing: CanaryStanding): (where: Where) => boolean {
  if (standing.kind !== 'settled') return () => false;
  const proved = new Set(standing.proved.map((w) => `${w.path}\n${w.replica}`));
  return (where) => proved.has(`${where.path}\n${where.replica}`);
}
