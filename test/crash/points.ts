// Which points of a reset are swept: a death after every boundary, a lost answer for every write, lines cut inside a write, and workers that die twice.
import { chance } from '../../src/connectors/twin/seeded.ts';
import type { Hands, Point } from './hands.ts';

/** What a rehearsal met, in one mode. */
type Rehearsed = Pick<Hands, 'boundaries' | 'written' | 'point'>;
/** `sharp`: between a target and the record of what it did, where something can be lost for good. */
type Drawable = Point & { readonly sharp: boolean };

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
const isSharp = (boundary: string | undefined): boolean => /^(overlap|setSecret|dualSecret|storeConsumer)\.|value/.test(boundary ?? '');

/** Every point there is. `chunks`: how many requests of a write may lose their answer at a proxy; 0 = no proxy. */
export function everyPoint(rehearsed: readonly Rehearsed[], chunks: number, seed: string): readonly Drawable[] {
  return rehearsed.flatMap(({ boundaries, written, point: { mode } }): Drawable[] => [
    ...boundaries.map((name, n) => ({ mode, deaths: [n + 1], sharp: isSharp(name) })),
    ...written.map((name, n) => ({ mode, deaths: [], lost: { write: n + 1 }, sharp: isSharp(name) })),
    ...written.flatMap((_, n) => upTo(chunks).map((chunk) => ({ mode, deaths: [], lost: { write: n + 1, chunk }, sharp: false }))),
    ...boundaries.map((_, n) => ({
      mode,
      deaths: [n + 1, 1 + Math.floor(chance(seed, mode, n) * 6)],
      lost: { write: 2 },
      sharp: false,
    })),
  ]);
}

/** No more than `most` of them, drawn by the seed, the sharp ones first. */
export function drawn(points: readonly Drawable[], most: number, seed: string): readonly Point[] {
  const order = points.map((point, n) => ({ point, at: chance(seed, n) * (point.sharp ? 0.4 : 1) }));
  return order
    .sort((a, b) => a.at - b.at)
    .slice(0, most)
    .map(({ point }) => point);
}
