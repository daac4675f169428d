// Each controller's own clock. Never ahead of it: a change made after a reading never looks older than the reading.
import type { Outcome } from '../../kit/kit.ts';
import { type Entry, firstOf } from '../../protocols/ldap/message.ts';
import { fromGeneralizedTime } from '../../protocols/ldap/time.ts';
import type { Controller } from './domain.ts';

/** The difference to a controller's clock, read once, holds this long. */
const keepMs = 30_000;

export class Clocks {
  readonly #read: (controller: Controller) => Promise<Outcome<Entry | undefined>>;
  readonly #kept = new Map<string, { readonly at: number; readonly offset: Promise<number | undefined> }>();

  /** `read` gives the root entry with currentTime, which controllers show in whole seconds. */
  constructor(read: (controller: Controller) => Promise<Outcome<Entry | undefined>>) {
    this.#read = read;
  }

  async now(controller: Controller): Promise<Date | undefined> {
    const at = Date.now();
    const kept = this.#kept.get(controller.url);
    const reading = kept !== undefined && at - kept.at < keepMs ? kept : { at, offset: this.#offset(controller) };
    this.#kept.set(controller.url, reading);
    const offset = await reading.offset;
    return offset === undefined ? undefined : new Date(Math.floor((Date.now() + offset) / 1000) * 1000);
  }

  /** It was shown before we received it, so the controller's clock was at least that far along: the difference is a lower bound. */
  async #offset(controller: Controller): Promise<number | undefined> {
    const read = await this.#read(controller);
    const shown = read.kind === 'done' && read.value !== undefined ? fromGeneralizedTime(firstOf(read.value, 'currentTime')) : undefined;
    return shown === undefined ? undefined : shown.getTime() - Date.now();
  }
}
