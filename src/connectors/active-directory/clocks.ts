// Each controller's own clock. Never ahead of it: a change made after a reading never looks older than the reading.
import type { Outcome } from '../../kit/kit.ts';
import { type Entry, firstOf } from '../../protocols/ldap/message.ts';
import { fromGeneralizedTime } from '../../protocols/ldap/time.ts';

/** The difference to a controller's clock, read once, holds this long. */
const keepMs = 30_000;

/** Gives a controller's root entry with currentTime, which it shows in whole seconds. */
type Read = () => Promise<Outcome<Entry | undefined>>;

export class Clocks {
  readonly #kept = new Map<string, { readonly at: number; readonly offset: Promise<number | undefined> }>();

  /** `undefined`: the controller does not answer. */
  async now(controller: string, read: Read): Promise<Date | undefined> {
    const at = Date.now();
    const kept = this.#kept.get(controller);
    const reading = kept !== undefined && at - kept.at < keepMs ? kept : { at, offset: offsetBy(read) };
    this.#kept.set(controller, reading);
    const offset = await reading.offset;
    return offset === undefined ? undefined : new Date(Math.floor((Date.now() + offset) / 1000) * 1000);
  }
}

/** It was shown before we received it, so the controller's clock was at least that far along: the difference is a lower bound. */
async function offsetBy(read: Read): Promise<number | undefined> {
  const root = await read();
  const shown = root.kind === 'done' && root.value !== undefined ? fromGeneralizedTime(firstOf(root.value, 'currentTime')) : undefined;
  return shown === undefined ? undefined : shown.getTime() - Date.now();
}
