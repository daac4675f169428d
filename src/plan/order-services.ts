// Orders the selected services of each tier by who works with whose secret, from consumers that name an account as `system/account`.
import { setLevel } from './canaries.ts';
import { dependencyLevels } from './dependency-levels.ts';
import type { Selection, Snapshot } from './port.ts';
import { pageSize, type Selected } from './selected.ts';

export type ServiceOrder = {
  /** Keys of accounts that work with each other's secrets in a circle. */
  readonly circles: readonly (readonly number[])[];
  /** Edges where an account of a higher tier has its secret in the hands of a lower one. */
  readonly upward: number;
};

export async function orderServices(snapshot: Snapshot, selection: Selection, selected: Selected): Promise<ServiceOrder> {
  const edges: [number, number][] = [];
  let upward = 0;
  let after: number | undefined = 0;
  while (after !== undefined) {
    const page = await snapshot.edges(selection, after, pageSize);
    for (const { used, by } of page.edges) {
      const usedAt = selected.indexOf(used);
      if (usedAt < 0 || !selected.isActive(usedAt)) continue;
      selected.noSample(usedAt);
      for (const key of by) {
        const byAt = selected.indexOf(key);
        if (byAt < 0 || byAt === usedAt || !selected.isActive(byAt)) continue;
        selected.noSample(byAt);
        if (selected.tier(byAt) > selected.tier(usedAt)) upward++;
        // Between tiers, and between services and people, the order is fixed already.
        const sameStep = Math.floor(selected.ranks[byAt]! / 2) === Math.floor(selected.ranks[usedAt]! / 2);
        if (sameStep && selected.isService(usedAt) && selected.isService(byAt)) edges.push([usedAt, byAt]);
      }
    }
    after = page.next;
  }
  const { levels, circles } = dependencyLevels(edges);
  for (const [index, level] of levels) setLevel(selected, index, level);
  return { circles: circles.map((circle) => circle.map((index) => selected.keys[index]!)), upward };
}
