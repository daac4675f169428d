// The states of one consumer of a credential. A store write is not adoption.
export const consumerStates = ['unknown', 'mapped', 'updated', 'adopted', 'failed', 'restored', 'exempt'] as const;
/** `failed`: the write, the reload or the health check failed. `restored`: put back on the previous value by a rollback. */
export type ConsumerState = (typeof consumerStates)[number];

export function isAdopted(state: ConsumerState): boolean {
  return state === 'adopted' || state === 'exempt';
}
