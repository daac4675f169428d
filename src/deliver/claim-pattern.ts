// One pattern of the estate file against one text of a token or certificate: exact, with * for any characters but / and :.

/** `*` stops at / and :, so that `repo:acme/*:ref:refs/heads/main` cannot be met by putting more parts where one was meant. Time: length × length. */
export function matchesPattern(pattern: string, text: string): boolean {
  let p = 0;
  let star = -1;
  let resume = 0;
  for (let t = 0; t < text.length; ) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star >= 0 && text[resume] !== '/' && text[resume] !== ':') {
      // the last star takes one character more; what an earlier one took stays, which is enough
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** A claim may be a text, a number, a truth value, or a list of which one must match. */
export function claimMatches(pattern: string, claim: unknown): boolean {
  if (Array.isArray(claim)) return claim.some((each) => !Array.isArray(each) && claimMatches(pattern, each));
  if (typeof claim === 'string') return matchesPattern(pattern, claim);
  return (typeof claim === 'number' || typeof claim === 'boolean') && pattern === String(claim);
}
