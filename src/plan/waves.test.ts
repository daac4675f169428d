// A sequence loses nobody: every account has one place, waves ascend, and what is not rotated comes last.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AccountSnapshot } from './port.ts';
import { atLevel, canaryRank, rankOf } from './rank.ts';
import { inactive, Selected } from './selected.ts';
import { sequence } from './waves.ts';

const base = { key: 1, tags: [], kind: 'service', tier: 2 } as unknown as AccountSnapshot; // ranks depend on these only
const drawn = fc.record({
  system: fc.integer({ min: -1, max: 3 }),
  tier: fc.constantFrom(0, 1, 2, 3),
  kind: fc.constantFrom('human', 'service', 'vendor', 'unknown'),
  tags: fc.constantFrom([], ['break-glass'], ['sync']),
  mode: fc.constantFrom('contain' as const, 'continuity' as const),
  level: fc.nat(3),
  fate: fc.constantFrom('active', 'active', 'canary', 'inactive'),
});

it('for any selection', () => {
  fc.assert(
    fc.property(fc.array(drawn, { maxLength: 60 }), (accounts) => {
      const selected = new Selected();
      accounts.forEach(({ system, tier, kind, tags, mode, level, fate }, key) => {
        const account = { ...base, key, tier, kind, tags } as AccountSnapshot; // kind is drawn from the kinds
        const rank = fate === 'inactive' || system < 0 ? inactive : fate === 'canary' ? canaryRank : atLevel(rankOf(account, mode), level);
        selected.add(account, system, rank, false);
      });
      selected.seal();
      const { order, waveOf, waves } = sequence(selected, 4, 'continuity');
      expect([...order].sort((a, b) => a - b)).toEqual(accounts.map((_, i) => i));
      const active = [...order].filter((i) => selected.isActive(i));
      expect([...order].slice(0, active.length)).toEqual(active);
      const placed = active.map((i) => [waveOf[i]!, selected.systems[i]!, i] as const);
      for (let k = 1; k < placed.length; k++) {
        const [before, now] = [placed[k - 1]!, placed[k]!];
        expect(before[0] - now[0] || before[1] - now[1] || before[2] - now[2]).toBeLessThan(0);
      }
      expect(new Set(placed.map(([n]) => n))).toEqual(new Set(waves.map((w) => w.n)));
      expect(new Set(waves.map((w) => w.name)).size).toBe(waves.length);
      for (const i of active) expect(waveOf[i] === 0).toBe(selected.ranks[i] === canaryRank);
    }),
    { numRuns: 300 },
  );
});

it('a chain of dependencies longer than anybody could release by hand is refused', () => {
  const selected = new Selected();
  for (let i = 0; i < 10_002; i++) selected.add({ ...base, key: i }, 0, atLevel(rankOf(base, 'contain'), i), false);
  expect(() => sequence(selected, 1, 'contain')).toThrow('a chain of 10002 steps');
});
