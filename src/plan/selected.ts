// The first pass over the selection: what happens to each account and how early, kept as plain columns so that a million fit in memory.
import type { Mode } from '../domain/run.ts';
import { type JudgedSystem, judge, modeOf } from './judge.ts';
import type { AccountSnapshot, Selection, Snapshot } from './port.ts';
import { isBreakGlass, isPerson, keyRank, rankOf, taskRank } from './rank.ts';
import { rankInGroup } from './sync-part.ts';

/** Rows per read: large enough that round trips do not count, small enough to stay out of the old generation. */
export const pageSize = 5000;
export const inactive = -1;

const tierMask = 3;
const serviceBit = 4;
const sampleBit = 8;

export class Selected {
  readonly keys: number[] = [];
  /** Index into the plan's systems; -1 = not in the estate file. */
  readonly systems: number[] = [];
  readonly ranks: number[] = [];
  readonly #flags: number[] = [];
  /** Ascending keys only up to here: canaries that nobody selected come after. */
  #searchable = 0;

  add(account: AccountSnapshot, system: number, rank: number, mayBeSample: boolean): void {
    this.keys.push(account.key);
    this.systems.push(system);
    this.ranks.push(rank);
    this.#flags.push((account.tier & tierMask) | (isPerson(account) ? 0 : serviceBit) | (mayBeSample ? sampleBit : 0));
  }
  seal(): void {
    this.#searchable = this.keys.length;
  }
  get length(): number {
    return this.keys.length;
  }
  tier(index: number): number {
    return this.#flags[index]! & tierMask;
  }
  isActive(index: number): boolean {
    return this.ranks[index] !== inactive;
  }
  isService(index: number): boolean {
    return (this.#flags[index]! & serviceBit) !== 0;
  }
  mayBeSample(index: number): boolean {
    return (this.#flags[index]! & sampleBit) !== 0;
  }
  noSample(index: number): void {
    this.#flags[index]! &= ~sampleBit;
  }
  /** Index of a key, or -1: a binary search instead of a map that would cost a hundred bytes an account. */
  indexOf(key: number): number {
    let from = 0;
    let to = this.#searchable - 1;
    while (from <= to) {
      const middle = (from + to) >>> 1;
      const found = this.keys[middle]!;
      if (found === key) return middle;
      if (found < key) from = middle + 1;
      else to = middle - 1;
    }
    return -1;
  }
}

export type SelectRequest = {
  readonly selection: Selection;
  readonly mode: Mode;
  readonly systems: readonly JudgedSystem[];
  readonly disabledOwners: ReadonlySet<string>;
  readonly canaries: ReadonlySet<number>;
};
export type BreakGlassSeen = Map<string, { count: number; last: number }>;

export async function selectAccounts(
  snapshot: Snapshot,
  request: SelectRequest,
): Promise<{ selected: Selected; breakGlass: BreakGlassSeen }> {
  const { selection, mode, systems, disabledOwners, canaries } = request;
  const places = new Map(systems.map((system, i) => [system.spec.id, i]));
  const selected = new Selected();
  const breakGlass: BreakGlassSeen = new Map();
  let after = 0;
  for (;;) {
    const page = await snapshot.page(selection, after, pageSize);
    for (const account of page) {
      const place = places.get(account.system) ?? -1;
      const { action, strategy } = judge(account, systems[place], disabledOwners, canaries.has(account.key), mode);
      const active = action === 'rotate';
      const own = modeOf(account, mode);
      const glass = isBreakGlass(account);
      const task = action === 'by-hand' ? taskRank(account, account.byHand?.order ?? 0, own) : inactive;
      const turned = strategy === 'generations';
      const rank = turned ? keyRank(account, own) : active ? rankInGroup(account, systems[place]?.sync, rankOf(account, own)) : task;
      selected.add(account, place, rank, active && !turned && !account.privileged && !glass && own === mode);
      if (active && glass) {
        const seen = breakGlass.get(account.system);
        breakGlass.set(account.system, { count: (seen?.count ?? 0) + 1, last: selected.length - 1 });
      }
    }
    if (page.length < pageSize) break;
    after = page[page.length - 1]!.key;
  }
  selected.seal();
  return { selected, breakGlass };
}
