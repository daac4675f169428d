// What verification reads from the record of the run.
import type { Where } from '../domain/verdict.ts';

export type CanaryStanding =
  | { readonly kind: 'none' }
  | { readonly kind: 'open' }
  | { readonly kind: 'settled'; readonly proved: readonly Where[] };

export interface CanaryRecord {
  /** How far this system's canary came in this run, and the paths it proved by probing. */
  standing(runKey: string, system: string): Promise<CanaryStanding>;
}
