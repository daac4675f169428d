// What changed, for many readers at the price of one: the store is asked four times a second while anybody listens, and not at all otherwise.
import { setTimeout as delay } from 'node:timers/promises';
import type { Change, Changes } from './port.ts';

/** At most four batches a second: nobody reads faster. */
const tickMs = 250;

export type Batch = { readonly position: string; readonly changes: readonly Change[] | 'lost' };
type Reader = { position: string; wake: (batch: Batch | undefined) => void };

export class Feed {
  readonly #changes: Changes;
  readonly #report: (error: unknown) => void;
  readonly #readers = new Set<Reader>();
  #running = false;

  constructor(changes: Changes, report: (error: unknown) => void) {
    this.#changes = changes;
    this.#report = report;
  }

  position(): Promise<string> {
    return this.#changes.position();
  }

  /** Everything after `from`, in batches, until `stop`. An empty batch comes when nothing changed for `quietMs`. */
  async *follow(from: string, quietMs: number, stop: AbortSignal): AsyncGenerator<Batch> {
    let position = from;
    while (!stop.aborted) {
      const batch = (await this.#next(position, quietMs, stop)) ?? { position, changes: [] };
      position = batch.position;
      if (!stop.aborted) yield batch;
    }
  }

  #next(position: string, quietMs: number, stop: AbortSignal): Promise<Batch | undefined> {
    return new Promise((resolve) => {
      const end = (batch: Batch | undefined): void => {
        this.#readers.delete(reader);
        clearTimeout(quiet);
        stop.removeEventListener('abort', away);
        resolve(batch);
      };
      // Its position may have moved on without a change in it.
      const away = () => end({ position: reader.position, changes: [] });
      const reader: Reader = { position, wake: end };
      const quiet = setTimeout(away, quietMs);
      stop.addEventListener('abort', away);
      this.#readers.add(reader);
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#readers.size > 0) {
      await this.#tick().catch(this.#report);
      await delay(tickMs);
    }
    this.#running = false;
  }

  /** Readers stand at few positions: after the first tick all that wait stand at the same one. */
  async #tick(): Promise<void> {
    const to = await this.#changes.position();
    for (const [from, readers] of grouped(this.#readers)) {
      const changes = await this.#changes.between(from, to);
      for (const reader of readers) {
        reader.position = to;
        if (changes === undefined) reader.wake({ position: to, changes: 'lost' });
        else if (changes.length > 0) reader.wake({ position: to, changes });
      }
    }
  }
}

function grouped(readers: Iterable<Reader>): Map<string, Reader[]> {
  const groups = new Map<string, Reader[]>();
  for (const reader of readers) groups.set(reader.position, [...(groups.get(reader.position) ?? []), reader]);
  return groups;
}
