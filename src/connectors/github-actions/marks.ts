// What this process knows of values it wrote to a place that never shows one: a keyed mark of the value, and the date the place had with it.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../kit/kit.ts';

/** `confirmed`: GitHub said so, and dated it. Else the answer was lost: `before` is the date the secret had, `sentAt` GitHub's clock then. */
export type Written =
  | { readonly mark: Buffer; readonly confirmed: true; readonly updatedAt: string }
  | { readonly mark: Buffer; readonly confirmed: false; readonly before: string; readonly sentAt: Date | undefined };

export class Marks {
  /** Of this process and gone with it: a mark is no digest that could be tried against guesses. */
  readonly #key = randomBytes(32);
  readonly #last = new Map<string, Written>();

  of(secret: Secret): Buffer {
    return secret.use((bytes) => createHmac('sha256', this.#key).update(bytes).digest());
  }
  keep(ref: string, written: Written): void {
    this.#last.set(ref, written);
  }
  last(ref: string): Written | undefined {
    return this.#last.get(ref);
  }
}

/**
 * Does the place hold this value, going by its date alone? `unknown`: somebody else may have written since, or another value was asked for than
 * the one in doubt. Dates count by the second, so a write by others in the second of ours is not seen.
 */
export function verdict(written: Written, mark: Buffer, updatedAt: string): boolean | 'unknown' {
  const isIt = timingSafeEqual(written.mark, mark);
  if (written.confirmed) return updatedAt === written.updatedAt ? isIt : 'unknown';
  if (!isIt) return 'unknown';
  if (updatedAt === written.before) return false;
  const floor = (date: Date): number => Math.floor(date.getTime() / 1000);
  return written.sentAt !== undefined && floor(new Date(updatedAt)) >= floor(written.sentAt) ? true : 'unknown';
}
