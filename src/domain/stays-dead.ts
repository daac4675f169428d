// When a proof is held again after the reset, and how its words tell that a secret came back to life.
import type { Cell } from './verdict.ts';

const hour = 3_600_000;
/** After an hour (a failover, a restart), a day (a nightly job that writes the old state back) and a week (a restored backup). */
const againAfterMs = [hour, 24 * hour, 7 * 24 * hour] as const;

/** `done`: how often it was proved again already. Undefined = often enough. */
export function nextReproof(done: number, now: Date): Date | undefined {
  const after = againAfterMs[done];
  return after === undefined ? undefined : new Date(now.getTime() + after);
}

/** What a cell says when an old secret opened the door, and when the new one did not. */
export const findings = { oldAccepted: 'OLD SECRET STILL ACCEPTED', newRefused: 'the new secret was not accepted' } as const;

/** The target holds another value than the one that was proved: a dump was restored, a server restarted without its saved state, somebody set it. */
export function isBackToLife(cell: Pick<Cell, 'verdict' | 'code'>): boolean {
  return (
    cell.verdict === 'not-proved' &&
    (cell.code.startsWith(findings.oldAccepted) || (cell.code.startsWith(findings.newRefused) && cell.code.includes('(rejected ')))
  );
}
