// How one credential is replaced. The plan shows it and the worker follows it: both ask the same function.
import type { Mode } from './run.ts';

/**
 * `set`: one value replaces the other. `overlap`: the new value is accepted beside the old until consumers have moved. `dual`: the target makes a
 * second credential and the others are retired. `contain`: the target can do none of it, so the account is blocked. `by-hand`: no API does it, a person
 * does and signs. `generations`: the target makes a key and keeps honouring older ones; it is reset until what was issued before is refused.
 */
export type Strategy = WriteStrategy | 'by-hand' | 'generations';
/** What a connector decides for all its accounts alike; the others are said of one account, by the inventory. */
export type WriteStrategy = 'set' | 'overlap' | 'dual' | 'contain';

/** `can`: the connector's answer for one capability. Undefined = nothing can be done here. In containment nothing stays accepted beside the new value. */
export function strategyOf(
  can: (capability: 'setSecret' | 'overlap' | 'dualSecret' | 'contain') => boolean,
  mode: Mode,
): WriteStrategy | undefined {
  if (mode === 'continuity' && can('overlap')) return 'overlap';
  if (can('setSecret')) return 'set';
  if (can('dualSecret')) return 'dual';
  return can('contain') ? 'contain' : undefined;
}
