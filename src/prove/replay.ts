// Runs the entries of a log through the domain's transitions: the states and proofs a bundle claims are the ones its log leads to.
import { type ItemState, itemStates, mayGo } from '../domain/item.ts';
import type { ItemView } from '../domain/view.ts';
import type { Finding } from './finding.ts';
import { isOld } from './is-old.ts';
import type { Entry } from './lines.ts';
import type { Digest } from './merkle.ts';
import { Tally } from './tally.ts';

// the last word of each control on one cell, as bits
const controls = { new: 1, nonsense: 2, old: 4 } as const;
const allControls = 7;

export class Replay {
  /** Index of the state in itemStates. */
  readonly #states: Tally;
  /** How many times the item was applied: proofs before the last reset count for nothing. */
  readonly #resets: Tally;
  readonly #cells: Tally;
  readonly #listed: Tally;

  constructor(sha256: Digest) {
    this.#states = new Tally(sha256);
    this.#resets = new Tally(sha256);
    this.#cells = new Tally(sha256);
    this.#listed = new Tally(sha256);
  }

  /** Takes every line of the plan, before all entries: it says where an item begins. */
  plan(line: Entry): void {
    const begins: ItemState =
      line.action === 'rotate' ? 'planned' : line.action === 'contain' ? 'contained' : line.action === 'by-hand' ? 'by-hand' : 'excluded';
    this.#states.set(`${line.system}/${line.id}`, itemStates.indexOf(begins));
  }

  /** Takes entry number `index`; a finding when the domain has no such step. */
  entry(index: number, line: string, entry: Entry): Finding | undefined {
    const wrong = (reason: string): Finding => ({ file: 'entries.ndjson', entry: index, line: line.slice(0, 500), reason });
    if (entry.kind === 'probe') this.#probe(entry);
    if (entry.kind !== 'item' || entry.to === undefined) return undefined;
    const item = String(entry.item);
    const [from, to] = [entry.from, entry.to] as [ItemState, ItemState];
    const before = this.#stateOf(item);
    if (before === undefined) return wrong(`entry ${index} is about ${item}, which is not in the plan`);
    if (from !== before) return wrong(`entry ${index} takes ${item} from ${from}, but the entries before it leave it ${before}`);
    // a retry of a parked item notes that it is open again where it stands
    if (from === to && itemStates.includes(to)) return undefined;
    if (!itemStates.includes(to) || !mayGo(from, to))
      return wrong(`entry ${index} takes ${item} from ${from} to ${to}: no item may go that way`);
    this.#states.set(item, itemStates.indexOf(to));
    if (to === 'applied') this.#resets.set(item, (this.#resets.get(item) ?? 0) + 1);
    return undefined;
  }

  /** Takes row number `index` of items.ndjson after all entries. */
  item(index: number, line: string, row: ItemView): Finding | undefined {
    const wrong = (reason: string): Finding => ({ file: 'items.ndjson', entry: index, line: line.slice(0, 500), reason });
    const item = `${row.system}/${row.id}`;
    const state = this.#stateOf(item);
    if (state === undefined) return wrong(`${item} is not in the plan`);
    if (this.#listed.get(item) !== undefined) return wrong(`${item} is listed twice`);
    this.#listed.set(item, 1);
    if (state !== row.state) return wrong(`${item} reads ${row.state}, but its entries in the log leave it ${state}`);
    for (const cell of row.cells) {
      if (cell.verdict !== 'proved' || cell.level !== 'probed') continue;
      const seen = this.#cells.get(this.#cell(item, cell.path, cell.replica)) ?? 0;
      if (seen === allControls) continue;
      const missing = Object.entries(controls).filter(([, bit]) => (seen & bit) === 0);
      return wrong(
        `${item} reads proved on ${cell.path} at ${cell.replica}, but the log has no ${missing.map(([name]) => said[name as keyof typeof said]).join(', no ')}`,
      );
    }
    return undefined;
  }

  /** Items of the plan that items.ndjson does not list. */
  get unlisted(): number {
    return this.#states.size - this.#listed.size;
  }

  #stateOf(item: string): ItemState | undefined {
    const at = this.#states.get(item);
    return at === undefined ? undefined : itemStates[at];
  }

  #cell(item: string, path: string, replica: string): string {
    return JSON.stringify([item, this.#resets.get(item) ?? 0, path, replica]);
  }

  #probe(entry: Entry): void {
    const secret = entry.secret === 'new' || entry.secret === 'nonsense' ? entry.secret : isOld(entry.secret) ? 'old' : undefined;
    if (secret === undefined) return;
    const key = this.#cell(String(entry.item), String(entry.path), String(entry.replica));
    const before = this.#cells.get(key) ?? 0;
    const taken = entry.verdict === 'accepted' || (entry.verdict === 'blocked' && entry.right === true);
    const good = secret === 'new' ? taken : entry.verdict === 'rejected';
    this.#cells.set(key, good ? before | controls[secret] : before & ~controls[secret]);
  }
}

const said = { new: 'accepted login with the new secret', nonsense: 'refused made-up secret', old: 'refused old secret' } as const;
