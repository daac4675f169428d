// What verification reads from the record of the run.
import type { Where } from '../domain/verdict.ts';

export interface CanaryRecord {
  /** Cells of this system's canary that this run proved by probing: the paths known to honour a reset. */
  provedCells(run: string, system: string): Promise<readonly Where[]>;
}
