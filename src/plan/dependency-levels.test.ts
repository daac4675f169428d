// The dependency order holds for every graph: users first, circles together, and nothing deeper than it must be.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dependencyLevels } from './dependency-levels.ts';

const edges = fc.array(fc.tuple(fc.nat(12), fc.nat(12)), { maxLength: 30 });

function reaches(graph: readonly (readonly [number, number])[], from: number, to: number): boolean {
  const seen = new Set<number>();
  const open = [from];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const [used, by] of graph) {
      if (used !== node || seen.has(by)) continue;
      if (by === to) return true;
      seen.add(by);
      open.push(by);
    }
  }
  return false;
}

it('whoever uses a secret is a level before it, unless both are in a circle, and then they share one', () => {
  fc.assert(
    fc.property(edges, (graph) => {
      const { levels, circles } = dependencyLevels(graph);
      for (const [used, by] of graph) {
        const together = used === by || reaches(graph, by, used);
        if (together) expect(levels.get(by)).toBe(levels.get(used));
        else expect(levels.get(by)!).toBeLessThan(levels.get(used)!);
      }
      const nodes = [...new Set(graph.flat())];
      expect([...levels.keys()].sort()).toEqual(nodes.sort());
      const circular = nodes.filter((node) => reaches(graph, node, node)).sort();
      expect(circles.flat().sort()).toEqual(circular);
    }),
    { numRuns: 500 },
  );
});

it('no level is deeper than its deepest user needs', () => {
  expect(
    Object.fromEntries(
      dependencyLevels([
        [1, 2],
        [2, 3],
        [1, 3],
        [4, 3],
      ]).levels,
    ),
  ).toEqual({ 3: 0, 2: 1, 4: 1, 1: 2 });
});

it('a chain of 200 000 accounts does not end the stack', () => {
  const chain = Array.from({ length: 200_000 }, (_, i) => [i + 1, i] as const);
  expect(dependencyLevels(chain).levels.get(200_000)).toBe(200_000);
});
