// The states of a run's items added up to what a reader of evidence asks: every item stands in exactly one sum.
import { coverageOf, type StateCounts, tallyStates } from '../../../src/prove/coverage.ts';
import type { Schemas } from '../api/client.ts';

type Run = Schemas['Run'];

const countsOf = ({ counts }: Run): StateCounts => ({ ...tallyStates(), ...counts });

export const itemsOf = (run: Run): number => Object.values(countsOf(run)).reduce((sum, n) => sum + n, 0);

/** As in the report of the bundle: the same table, from the same code. */
export const coverage = (run: Run) => coverageOf(itemsOf(run), countsOf(run));

export function outcomesOf(run: Run): { complete: number; residual: number; signed: number; excluded: number; open: number } {
  const of = countsOf(run);
  const known = { complete: of.complete, residual: of.residual, signed: of.signed, excluded: of.excluded };
  return { ...known, open: itemsOf(run) - known.complete - known.residual - known.signed - known.excluded };
}
