// Each server's own clock, from cn=Monitor or the root entry. Never ahead of the server: a change made after a reading never looks older than it.

import { present } from '../../protocols/ldap/filter.ts';
import { firstOf } from '../../protocols/ldap/message.ts';
import { fromGeneralizedTime } from '../../protocols/ldap/time.ts';
import type { Directory, Server } from './directory.ts';

/** A reading holds this long; within it the difference to our own clock is what it was. */
const keepMs = 30_000;

export class Clocks {
  readonly #directory: Directory;
  readonly #kept = new Map<string, { readonly at: number; readonly offset: Promise<number | undefined> }>();

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** `undefined`: the server shows no clock to Rekey's account. Whole seconds, as the server's own stamps. */
  async now(server: Server): Promise<Date | undefined> {
    const kept = this.#kept.get(server.url);
    const at = Date.now();
    const reading = kept !== undefined && at - kept.at < keepMs ? kept : { at, offset: this.#offset(server) };
    this.#kept.set(server.url, reading);
    const offset = await reading.offset;
    return offset === undefined ? undefined : new Date(Math.floor((Date.now() + offset) / 1000) * 1000);
  }

  /** The server showed `shown` before we received it, so its clock was at least that far along: the difference is a lower bound. */
  async #offset(server: Server): Promise<number | undefined> {
    const monitor = `cn=Current,cn=Time,${this.#directory.settings.monitorBase}`;
    const shown =
      (await this.#stamp(server, monitor, 'monitorTimestamp')) ??
      (await this.#stamp(server, '', 'currentTime')) ??
      // 389 Directory Server
      (await this.#stamp(server, this.#directory.settings.monitorBase, 'currentTime'));
    return shown === undefined ? undefined : shown.getTime() - Date.now();
  }

  async #stamp(server: Server, base: string, type: string): Promise<Date | undefined> {
    const found = await this.#directory.search(server, { base, scope: 'base', filter: present('objectClass'), attributes: [type] });
    const entry = found.kind === 'done' ? found.value[0] : undefined;
    return entry === undefined ? undefined : fromGeneralizedTime(firstOf(entry, type));
  }
}
