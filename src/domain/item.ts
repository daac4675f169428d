// The states of one item (a credential in a run) and the only ways between them. A reset that skips a step cannot be written down.

export const itemStates = [
  'planned',
  'sealed',
  'sent',
  'in-doubt',
  'applied',
  'propagated',
  'revoked',
  'proved',
  'complete',
  'residual',
  'contained',
  'failed',
  'rolled-back',
  'excluded',
  'by-hand',
  'signed',
] as const;
export type ItemState = (typeof itemStates)[number];

/**
 * From each state, where an item may go.
 * `sent → sealed` is a refusal that proves nothing happened (throttled, no connection): the same candidate is sent again later;
 * `sent → planned` is a refused value: a new one is made. `in-doubt → sealed` is "the target is certainly unchanged: send the same candidate again".
 * `applied → planned` is the second reset of a canary (its first value was unknown, so there was no old secret to disprove).
 * `propagated → planned` is the next reset of a key whose older generations are still honoured.
 * `propagated`, `revoked` and `proved → applied` are a retry of an item one of whose consumers could not be written: it is written again.
 * `revoked → failed` is a secret that a later proof found alive again: the account is reset anew once a person asks for it.
 * `failed → planned` and `rolled-back → planned` happen only when a person asks for a retry.
 * `by-hand → signed` is an owner's signature under a task that no API does: it is said, not proved.
 */
export const nextStates = {
  planned: ['sealed', 'contained', 'failed', 'excluded'],
  sealed: ['sent', 'failed', 'excluded'],
  sent: ['applied', 'in-doubt', 'sealed', 'planned', 'failed'],
  'in-doubt': ['applied', 'sealed', 'failed'],
  applied: ['planned', 'propagated', 'rolled-back'],
  propagated: ['revoked', 'rolled-back', 'applied', 'planned'],
  revoked: ['proved', 'residual', 'applied', 'failed'],
  proved: ['complete', 'applied'],
  residual: ['complete', 'propagated'],
  complete: ['revoked'],
  contained: ['planned'],
  failed: ['planned'],
  'rolled-back': ['planned'],
  excluded: [],
  'by-hand': ['signed'],
  signed: [],
} as const satisfies Record<ItemState, readonly ItemState[]>;

/** Nothing more happens to an item here unless someone asks for it (retry, re-proof). */
export const terminalStates = [
  'complete',
  'residual',
  'contained',
  'failed',
  'rolled-back',
  'excluded',
  'by-hand',
  'signed',
] as const satisfies readonly ItemState[];
export type TerminalState = (typeof terminalStates)[number];

export function isTerminal(state: ItemState): state is TerminalState {
  return (terminalStates as readonly ItemState[]).includes(state);
}

export function mayGo(from: ItemState, to: ItemState): boolean {
  return (nextStates[from] as readonly ItemState[]).includes(to);
}

const unrevoked: readonly ItemState[] = ['planned', 'sealed', 'sent', 'in-doubt', 'applied', 'propagated', 'failed', 'rolled-back'];

/** Sessions that the old value opened may still be there: nothing has ended them yet. */
export function isUnrevoked(state: ItemState): boolean {
  return unrevoked.includes(state);
}
