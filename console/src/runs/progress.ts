// How far items are, as every bar and legend of a run says it: each part of the API's sums has a word, by type, so that no item is invisible.
import type { Schemas } from '../api/client.ts';

export type Sums = Schemas['Progress'];
export type Part = keyof Sums;

const words = {
  complete: 'complete',
  settled: 'closed with a remark',
  wrong: 'failed or stopped',
  'by-hand': 'wait for a hand',
  'under-way': 'under way',
  'not-begun': 'not begun',
} as const satisfies Readonly<Record<Part, string>>;

/** In the order of a bar: what is over, what needs somebody, what moves, what is left. */
export const parts: readonly { readonly part: Part; readonly word: string }[] = (Object.keys(words) as Part[]) // the keys of this very table
  .map((part) => ({ part, word: words[part] }));

export const totalOf = (sums: Sums): number => Object.values(sums).reduce((n, each) => n + each, 0);
/** Nothing more is done about them. */
export const closedOf = (sums: Sums): number => (sums.complete ?? 0) + (sums.settled ?? 0);
export const wrongOf = (sums: Sums): number => sums.wrong ?? 0;

export function together(each: readonly Sums[]): Sums {
  const all: Sums = {};
  for (const sums of each) for (const { part } of parts) all[part] = (all[part] ?? 0) + (sums[part] ?? 0);
  return all;
}
