// The word somebody probably meant: at most two slips away (one for short words), or nothing at all.

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

export function nearest(typed: string, known: readonly string[]): string | undefined {
  if (typed.length > 40) return undefined;
  const low = typed.toLowerCase();
  const limit = low.length <= 3 ? 1 : 2;
  let best: { word: string; d: number } | undefined;
  for (const word of known) {
    const d = distance(low, word.toLowerCase());
    if (d <= limit && d < (best?.d ?? limit + 1)) best = { word, d };
  }
  return best?.word;
}
