// One pass over a run's items for the report. Flat in the number of items but for one number per denied item and one name per person.
import type { ConsumerState } from '../domain/consumer.ts';
import { type PersonVerdict, verdictOf, worstOf } from '../domain/person.ts';
import type { CellVerdict, Level } from '../domain/verdict.ts';
import { type StateCounts, tallyStates } from './coverage.ts';
import type { ItemRow } from './port.ts';
import { type Spread, spreadOf } from './spread.ts';

export type CellCounts = { readonly [verdict in CellVerdict]: number };
export type CellRow = CellCounts & { readonly path: string; readonly level: Level };
export type Trouble = { readonly state: string; readonly reason: string; readonly count: number; readonly sample: readonly string[] };

type Group = { items: number; readonly seconds: number[] };
const noCells = (): { [verdict in CellVerdict]: number } => ({
  proved: 0,
  inferred: 0,
  residual: 0,
  'not-proved': 0,
  excepted: 0,
  signed: 0,
});
/** Distinct reasons shown; a target that puts a time or an id into its message must not fill the memory. */
const maxTroubles = 40;
const shownSigned = 50;

export type Signed = { readonly on: string; readonly said: string; readonly at: string };

export class ItemScan {
  readonly states: StateCounts = tallyStates();
  readonly consumers: { [state in ConsumerState]?: number } = {};
  /** Of the items that read complete: how their cells were closed, and how many of them had no cell at all. */
  readonly closed = { probed: 0, stateAndCanary: 0, excepted: 0, other: 0, itemsWithoutCells: 0 };
  /** Tasks by hand whose owner signed; the first are printed, all are in items.ndjson. */
  readonly signed = { count: 0, first: [] as Signed[] };
  items = 0;
  /** Person → the worst verdict of their accounts so far. */
  readonly #people = new Map<string, PersonVerdict>();
  residualUntil: string | null = null;
  #cells = new Map<string, { path: string; level: Level; counts: ReturnType<typeof noCells> }>();
  #systems = new Map<string, Group>();
  #tiers = new Map<string, Group>();
  #all: Group = { items: 0, seconds: [] };
  #troubles = new Map<string, { state: string; reason: string; count: number; sample: string[] }>();

  /** `denied`: seconds from the run's start until the old secret was proved dead. */
  take(row: ItemRow, denied: number | undefined): void {
    this.items += 1;
    this.states[row.state] += 1;
    for (const consumer of row.consumers) this.consumers[consumer.state] = (this.consumers[consumer.state] ?? 0) + 1;
    for (const cell of row.cells) {
      const key = JSON.stringify([cell.path, cell.level]);
      const known = this.#cells.get(key) ?? { path: cell.path, level: cell.level, counts: noCells() };
      known.counts[cell.verdict] += 1;
      if (cell.verdict === 'signed') this.#sign(`${row.system}/${row.account}`, cell);
      this.#cells.set(key, known);
    }
    if (row.state === 'complete') this.#complete(row);
    // A bundle is written of what stands: nothing in it is on its way.
    if (row.person !== null)
      this.#people.set(row.person, worstOf([verdictOf(row.state, false), this.#people.get(row.person) ?? 'left-out']));
    if (row.residual !== null && row.state === 'residual' && (this.residualUntil === null || row.residual.until > this.residualUntil))
      this.residualUntil = row.residual.until;
    // a proof that no longer stands (the item was reopened) is not a denial
    const seconds = row.state === 'complete' || row.state === 'proved' ? denied : undefined;
    for (const group of [this.#all, at(this.#systems, row.system), at(this.#tiers, `tier ${row.tier}`)]) {
      group.items += 1;
      if (seconds !== undefined) group.seconds.push(seconds);
    }
    const reason = row.error ?? (row.state === 'residual' ? row.residual?.why : undefined);
    if (row.state !== 'complete' && reason) this.#trouble(row.state, reason, `${row.system}/${row.account}`);
  }

  cells(): readonly CellRow[] {
    return [...this.#cells.values()]
      .map(({ path, level, counts }) => ({ path, level, ...counts }))
      .sort((a, b) => compare(a.path, b.path) || compare(a.level, b.level));
  }

  exposure(): { readonly overall: Spread; readonly systems: readonly Spread[]; readonly tiers: readonly Spread[] } {
    const spreads = (groups: Map<string, Group>) =>
      [...groups].map(([name, group]) => spreadOf(name, group.items, group.seconds)).sort((a, b) => compare(a.name, b.name));
    return { overall: spreadOf('all', this.#all.items, this.#all.seconds), systems: spreads(this.#systems), tiers: spreads(this.#tiers) };
  }

  /** How many people, and how many of them read what: one verdict each, the worst of their accounts in the run. */
  people(): { readonly count: number; readonly verdicts: { readonly [verdict in PersonVerdict]?: number } } {
    const verdicts: { [verdict in PersonVerdict]?: number } = {};
    for (const verdict of this.#people.values()) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    return { count: this.#people.size, verdicts };
  }

  troubles(): readonly Trouble[] {
    return [...this.#troubles.values()].sort((a, b) => b.count - a.count);
  }

  #complete(row: ItemRow): void {
    if (row.cells.length === 0) this.closed.itemsWithoutCells += 1;
    for (const cell of row.cells) {
      if (cell.verdict === 'proved' && cell.level === 'probed') this.closed.probed += 1;
      else if ((cell.verdict === 'proved' || cell.verdict === 'inferred') && cell.level === 'state+canary') this.closed.stateAndCanary += 1;
      else if (cell.verdict === 'excepted') this.closed.excepted += 1;
      else this.closed.other += 1;
    }
  }

  #sign(on: string, { code, at }: { readonly code: string; readonly at: string }): void {
    this.signed.count += 1;
    if (this.signed.first.length < shownSigned) this.signed.first.push({ on, said: code, at });
  }

  #trouble(state: string, reason: string, name: string): void {
    let key = JSON.stringify([state, reason]);
    if (!this.#troubles.has(key) && this.#troubles.size >= maxTroubles) key = JSON.stringify([state]);
    const known = this.#troubles.get(key) ?? {
      state,
      reason: key === JSON.stringify([state]) ? 'other reasons, see items.csv' : reason,
      count: 0,
      sample: [],
    };
    known.count += 1;
    if (known.sample.length < 3) known.sample.push(name);
    this.#troubles.set(key, known);
  }
}

function at(groups: Map<string, Group>, name: string): Group {
  const group = groups.get(name) ?? { items: 0, seconds: [] };
  groups.set(name, group);
  return group;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
