// Gives every account of a plan its place: judged, held back, ordered by dependency, sampled for wave 0, and put in sequence.
import type { Mode } from '../domain/run.ts';
import { type Canaries, findCanaries, takeSample } from './canaries.ts';
import { type JudgedSystem, judge } from './judge.ts';
import { orderServices, type ServiceOrder } from './order-services.ts';
import type { PlanDraft, Selection } from './port.ts';
import { canaryRank, isTask } from './rank.ts';
import { type BreakGlassSeen, inactive, type Selected, selectAccounts } from './selected.ts';
import { type Sequence, sequence } from './waves.ts';

export type Placed = {
  readonly selected: Selected;
  readonly order: Sequence;
  readonly services: ServiceOrder;
  readonly found: Canaries;
  /** Canary accounts that joined although the selector does not name them. */
  readonly joined: readonly string[];
  readonly canaries: ReadonlySet<number>;
  readonly held: ReadonlySet<number>;
  readonly disabledOwners: ReadonlySet<string>;
};

export async function place(draft: PlanDraft, selection: Selection, mode: Mode, systems: readonly JudgedSystem[]): Promise<Placed> {
  const owners = systems.flatMap(({ spec }) => (spec.owner === undefined ? [] : [spec.owner]));
  const disabledOwners = new Set(await draft.disabledOwners(owners));
  const found = await findCanaries(draft, systems);
  const canaries = new Set([...found.found.values()].map((account) => account.key));
  const { selected, breakGlass } = await selectAccounts(draft, { selection, mode, systems, disabledOwners, canaries });
  const held = holdLastBreakGlass(selected, breakGlass, await draft.breakGlass());
  const services = await orderServices(draft, selection, selected);
  takeSample(selected, systems.length);
  const joined = placeCanaries(selected, found, systems, disabledOwners);
  return { selected, order: sequence(selected, systems.length, mode), services, found, joined, canaries, held, disabledOwners };
}

/** Never the last way in: where a plan would rotate every break-glass account of a system, one stays, unless it is the whole plan. */
function holdLastBreakGlass(selected: Selected, seen: BreakGlassSeen, usable: ReadonlyMap<string, number>): Set<number> {
  const held = new Set<number>();
  for (const [system, { count, last }] of seen) {
    if (count < (usable.get(system) ?? 0) || selected.length === 1) continue;
    selected.ranks[last] = inactive;
    held.add(selected.keys[last]!);
  }
  return held;
}

/** Every touched system's canary goes to wave 0, selected or not. */
function placeCanaries(
  selected: Selected,
  { found }: Canaries,
  systems: readonly JudgedSystem[],
  disabledOwners: ReadonlySet<string>,
): string[] {
  const touched = new Set<number>();
  for (let i = 0; i < selected.length; i++) if (selected.isActive(i) && !isTask(selected.ranks[i]!)) touched.add(selected.systems[i]!);
  const joined: string[] = [];
  systems.forEach((system, place) => {
    const account = found.get(system.spec.id);
    if (account === undefined || !touched.has(place)) return;
    const at = selected.indexOf(account.key);
    const rank = judge(account, system, disabledOwners, true, 'continuity').action === 'rotate' ? canaryRank : inactive;
    if (at >= 0) selected.ranks[at] = rank;
    else {
      selected.add(account, place, rank, false);
      joined.push(`${account.system}/${account.name}`);
    }
  });
  return joined;
}
