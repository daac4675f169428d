// One pass over a log for the report: when each old secret was first proved dead, and what people did. Flat in the number of entries.
import { nodeCryptography } from '../cryptography/node.ts';
import { isOld } from './is-old.ts';
import type { Entry } from './lines.ts';
import { Tally } from './tally.ts';

export type Moment = { readonly at: string; readonly kind: string; readonly text: string };

/** The report shows the acts of people and the course of the run; the rest is in entries.ndjson. */
const shownMoments = 200;
const perItem: readonly unknown[] = ['item', 'probe', 'consumer', 'sessions'];

export class EntryScan {
  readonly kinds = new Map<string, number>();
  readonly moments: Moment[] = [];
  moreMoments = 0;
  #denied = new Tally(nodeCryptography.sha256);

  take(entry: Entry): void {
    const kind = String(entry.kind);
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
    if (kind === 'item') this.#item(entry, Date.parse(String(entry.at)));
    if (kind === 'probe' && isOld(entry.secret) && entry.verdict === 'accepted') this.#forget(String(entry.item));
    if (perItem.includes(kind)) return;
    if (this.moments.length < shownMoments) this.moments.push({ at: String(entry.at), kind, text: told(entry) });
    else this.moreMoments += 1;
  }

  /** `at` of the entry that proved the item's old secret dead, in milliseconds; undefined while it is not, or not any more. */
  deniedAt(item: string): number | undefined {
    const at = this.#denied.get(item);
    return at === undefined || at === Number.POSITIVE_INFINITY ? undefined : at;
  }

  #item(entry: Entry, at: number): void {
    const item = String(entry.item);
    const to = entry.to;
    // the first proof counts, since proving again must not make the exposure look longer; a second reset begins anew
    if ((to === 'proved' || to === 'complete') && this.deniedAt(item) === undefined && !Number.isNaN(at)) this.#denied.set(item, at);
    else if (to === 'sealed') this.#forget(item);
  }

  #forget(item: string): void {
    if (this.#denied.get(item) !== undefined) this.#denied.set(item, Number.POSITIVE_INFINITY);
  }
}

/** "state running, by alice": the line's own words, without what stands in the other columns. */
function told(entry: Entry): string {
  return Object.entries(entry)
    .filter(([key, value]) => !['at', 'kind', 'signature', 'publicKey'].includes(key) && value !== null)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
    .slice(0, 300);
}
