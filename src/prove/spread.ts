// How long old secrets lived: nearest-rank percentiles over everything that was denied, with what never was beside them.

export type Spread = {
  readonly name: string;
  readonly items: number;
  /** Items whose old secret is proved dead; the times speak of these alone. */
  readonly denied: number;
  /** Seconds from the start of the run; null while nothing is denied. */
  readonly first: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly last: number | null;
};

export function spreadOf(name: string, items: number, seconds: readonly number[]): Spread {
  const sorted = Float64Array.from(seconds).sort();
  const rank = (p: number): number | null => sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? null;
  return { name, items, denied: sorted.length, first: sorted[0] ?? null, p50: rank(0.5), p95: rank(0.95), last: sorted.at(-1) ?? null };
}
