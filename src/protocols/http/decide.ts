// Several rules may match one answer: the closest decide, and where those disagree nothing is said.

/** `closeness`: how much of the answer the rule looked at. Undefined = nothing matched, or the closest disagree. */
export function decide<T>(matching: readonly { readonly means: T; readonly closeness: number }[]): T | undefined {
  const best = Math.max(...matching.map(({ closeness }) => closeness));
  const [first, ...others] = matching.filter(({ closeness }) => closeness === best);
  return others.every(({ means }) => means === first?.means) ? first?.means : undefined;
}
