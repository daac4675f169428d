// The exit codes scripts rely on, each with the problem codes that lead to it. docs/exit-codes.md says the same, and a test compares.
import { type ProblemCode, problems } from '../domain/problem.ts';

const meanings: readonly (readonly [number, string])[] = [
  [0, 'done, or nothing to do'],
  [1, 'error'],
  [2, 'usage, or invalid configuration or import'],
  [3, 'declined, or a confirmation is needed and nobody is there to give it'],
  [4, 'not signed in'],
  [5, 'not permitted, or an approval is missing'],
  [6, 'not found, or a conflict'],
  [7, 'finished with failures, in-doubt or unproved items, or residuals'],
  [8, 'still running, or paused'],
  [9, 'plan stale or changed'],
  [10, 'stopped by a guardrail'],
  [20, 'plan --detailed-exitcode: the plan changes something'],
  [130, 'interrupted; the run goes on, or is paused on disk'],
];

export type ExitCode = { readonly exit: number; readonly meaning: string; readonly codes: readonly ProblemCode[] };

export const exitCodes: readonly ExitCode[] = meanings.map(([exit, meaning]) => ({
  exit,
  meaning,
  codes: (Object.keys(problems) as ProblemCode[]).filter((code) => problems[code].exit === exit), // Object.keys loses the key type
}));
