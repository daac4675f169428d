// What a call to a target may come back with. Failure is a value; an exception out of a connector is a bug.
import type { Json } from '../domain/json.ts';

export type FaultCode =
  | 'auth'
  | 'permission'
  | 'not-found'
  | 'policy'
  | 'conflict'
  | 'throttled'
  | 'unreachable'
  | 'unsupported'
  | 'protocol';

/** `message` is for people and holds no secret; `code` of the target itself goes in `target` ("49", "28P01"). */
export type Fault = { readonly code: FaultCode; readonly message: string; readonly target?: string; readonly retryAfterMs?: number };

/**
 * `done`: the target confirmed. `refused`: the target is certainly unchanged, so a retry or a give-up is safe.
 * `indeterminate`: it may have happened; the engine probes before any further write. An answer we do not know is indeterminate.
 */
export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly fault: Fault }
  | { readonly kind: 'indeterminate'; readonly fault: Fault };

export const done = <T>(value: T): Outcome<T> => ({ kind: 'done', value });
export const refused = (code: FaultCode, message: string, more: Partial<Fault> = {}): Outcome<never> => ({
  kind: 'refused',
  fault: { ...more, code, message },
});
export const indeterminate = (code: FaultCode, message: string, more: Partial<Fault> = {}): Outcome<never> => ({
  kind: 'indeterminate',
  fault: { ...more, code, message },
});

export type Facts = { readonly [key: string]: Json };
