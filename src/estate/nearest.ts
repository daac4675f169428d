// The word someone probably meant, or none: a far-fetched suggestion is worse than no suggestion.

/** Closest of `words` within a third of the typed length (at least 1, at most 4 edits; a swap counts once); case is ignored. */
export function nearest(typed: string, words: Iterable<string>): string | undefined {
  const wanted = typed.toLowerCase();
  const budget = Math.min(4, Math.max(1, Math.ceil(wanted.length / 3)));
  let best: string | undefined;
  let least = budget + 1;
  for (const word of words) {
    if (Math.abs(word.length - typed.length) >= least) continue;
    const edits = distance(wanted, word.toLowerCase());
    if (edits < least) [best, least] = [word, edits];
  }
  return best;
}

/** `did you mean "x"?`, or the whole list when it is short, or nothing. */
export function didYouMean(typed: string, words: readonly string[]): string | undefined {
  const word = nearest(typed, words);
  if (word !== undefined) return `did you mean "${word}"?`;
  if (words.length === 0 || words.length > 20) return undefined;
  return `known here: ${[...words].sort().join(', ')}`;
}

/** Optimal string alignment distance. Rows are kept, not the matrix: words are short, lists may be long. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    [before, previous] = [previous, row];
  }
  return previous[b.length] ?? 0;
}
