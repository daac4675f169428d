// One applied change of a twin: the unit of its journal. Replaying the events in order gives the same truth in any process.

/** `print` is a salted fingerprint of a value (see print.ts), `at` milliseconds of the twin's clock. */
export type TwinEvent =
  | { readonly op: 'set'; readonly account: string; readonly at: number; readonly print: number; readonly way: 'replace' | 'add' | 'stale' }
  | { readonly op: 'issue'; readonly account: string; readonly at: number; readonly print: number }
  | { readonly op: 'retire'; readonly account: string; readonly at: number; readonly slot: string }
  | { readonly op: 'fail'; readonly account: string; readonly at: number; readonly locks: boolean }
  | { readonly op: 'end'; readonly account: string; readonly at: number; readonly before: number }
  | { readonly op: 'ok' | 'unlock' | 'open' | 'block' | 'unblock' | 'any' | 'revert'; readonly account: string; readonly at: number };
