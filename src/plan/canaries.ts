// The accounts that go first: each touched system's own canary, and a small sample of ordinary accounts. What fails, fails there.
import type { JudgedSystem } from './judge.ts';
import type { AccountSnapshot, Snapshot } from './port.ts';
import { atLevel, canaryRank, isTask } from './rank.ts';
import type { Selected } from './selected.ts';

/** 1 % of a system's accounts, at most 20: enough to see a wrong policy or a missing right, few enough to repair by hand. */
const share = 0.01;
const most = 20;
/** Below this many a sample would be the system itself. */
const smallest = 10;

export type Canaries = {
  /** System → its canary account. */
  readonly found: ReadonlyMap<string, AccountSnapshot>;
  /** Systems whose canary names no account, or more than one. */
  readonly unknown: readonly { readonly system: string; readonly account: string }[];
};

export async function findCanaries(snapshot: Snapshot, systems: readonly JudgedSystem[]): Promise<Canaries> {
  const found = new Map<string, AccountSnapshot>();
  const unknown: { system: string; account: string }[] = [];
  for (const { spec } of systems) {
    if (spec.canary === undefined) continue;
    const matching = (await snapshot.find(spec.id, spec.canary.account)).filter((account) => !account.gone);
    const [only] = matching;
    if (only !== undefined && matching.length === 1) found.set(spec.id, only);
    else unknown.push({ system: spec.id, account: spec.canary.account });
  }
  return { found, unknown };
}

/** Moves the sample to the canary wave: the long tail first, because a mistake costs least there; nothing others depend on. */
export function takeSample(selected: Selected, systems: number): void {
  const counts = new Array<number>(systems).fill(0);
  for (let i = 0; i < selected.length; i++) if (selected.isActive(i) && !isTask(selected.ranks[i]!)) counts[selected.systems[i]!]!++;
  const wanted = counts.map((count) => (count < smallest ? 0 : Math.min(most, Math.ceil(count * share))));
  for (let tier = 3; tier >= 0; tier--) {
    for (let i = 0; i < selected.length; i++) {
      const system = selected.systems[i]!;
      if (selected.tier(i) !== tier || !selected.mayBeSample(i) || selected.ranks[i] === canaryRank || !(wanted[system]! > 0)) continue;
      selected.ranks[i] = canaryRank;
      wanted[system]!--;
    }
  }
}

/** Puts an account at its dependency level. Tasks have an order of their own. */
export function setLevel(selected: Selected, index: number, level: number): void {
  if (isTask(selected.ranks[index]!)) return;
  selected.ranks[index] = atLevel(selected.ranks[index]!, level);
}
