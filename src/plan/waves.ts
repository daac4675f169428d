// The order of a whole plan: every selected account gets its wave, and waves, systems and keys give the sequence. Wave 0 is the canaries'.
import { Problem } from '../domain/problem.ts';
import type { Mode } from '../domain/run.ts';
import { canaryRank, readRank, type WaveKind, waveNames } from './rank.ts';
import { inactive, type Selected } from './selected.ts';

export type Wave = WaveKind & { readonly n: number; readonly name: string };
export type Sequence = {
  readonly waves: readonly Wave[];
  /** Indices into `selected`, in the plan's order; accounts that are not rotated come last. */
  readonly order: Uint32Array;
  /** Wave number by index into `selected`; 0 for accounts that are not rotated. */
  readonly waveOf: Uint16Array;
};

/** Wave numbers are 16-bit in the store; nobody releases this many by hand either. */
const mostWaves = 10_000;

export function sequence(selected: Selected, systems: number, asked: Mode): Sequence {
  const ranks = [...new Set(selected.ranks)].filter((rank) => rank !== inactive).sort((a, b) => a - b);
  if (ranks.length > mostWaves) {
    throw new Problem('guardrail', {
      message: `the accounts depend on each other in a chain of ${ranks.length} steps`,
      hint: 'plan fewer accounts at once, or check the system/account names in the consumer column',
    });
  }
  const kinds = ranks.map((rank) => readRank(rank, asked));
  const names = waveNames(kinds, asked);
  const first = ranks[0] === canaryRank ? 0 : 1;
  const waves = kinds.map((kind, i) => ({ ...kind, n: first + i, name: names[i]! }));
  const numbers = new Map(ranks.map((rank, i) => [rank, i]));

  // Counting sort over (wave, system): keys within a bucket keep the order they were read in.
  const width = systems + 1;
  const bucket = (i: number): number => (numbers.get(selected.ranks[i]!) ?? ranks.length) * width + selected.systems[i]! + 1;
  const starts = new Uint32Array((ranks.length + 1) * width + 1);
  for (let i = 0; i < selected.length; i++) starts[bucket(i) + 1]!++;
  for (let b = 1; b < starts.length; b++) starts[b]! += starts[b - 1]!;
  const order = new Uint32Array(selected.length);
  const waveOf = new Uint16Array(selected.length);
  for (let i = 0; i < selected.length; i++) {
    order[starts[bucket(i)]!++] = i;
    waveOf[i] = waves[numbers.get(selected.ranks[i]!) ?? -1]?.n ?? 0;
  }
  return { waves, order, waveOf };
}
