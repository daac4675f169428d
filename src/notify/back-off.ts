// When a message that did not go through is tried again, and when it is given up.

const first = 15_000;
const longest = 30 * 60_000;
/** A mail server that is down over a weekend still gets its mail; after three days nobody acts on it any more. */
export const giveUpAfterMs = 72 * 3_600_000;

/** Doubles from 15 s to half an hour, spread by up to a fifth so that a server that comes back is not met by all at once. `random` is from 0 to 1. */
export function waitAfter(tries: number, random: number): number {
  const base = Math.min(longest, first * 2 ** Math.min(tries - 1, 20));
  return Math.round(base * (1 + random / 5));
}
