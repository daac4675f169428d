// The store that a workload reads from when it fetches for itself: Rekey's own door. What is offered there is not adopted; the target shows that.

import type { ConsumerRef } from '../kit/capability.ts';
import type { Connection } from '../kit/connector.ts';
import { done } from '../kit/outcome.ts';
import type { Store } from '../store/sql.ts';
import { hasFetched } from '../store/workload-fetches.ts';
import type { OpenSystem } from './connections.ts';
import type { Parts } from './parts.ts';

/** The name in column `store` of consumers.csv; `ref` is the id of the workload in rekey.yaml. */
export const workloadStoreId = 'workload';

type Opened = Pick<OpenSystem, 'connection' | 'limits' | 'paths'>;

/** A system of the estate with this id goes first. */
export function withWorkloadStore({ estate, connections, store }: Parts): { open(system: string): Promise<Opened> } {
  const own: Opened = { connection: workloadDoor(store), limits: { concurrency: 1, perSecond: 1e9 }, paths: async () => [] };
  const offered = estate.workloads.length > 0 && !estate.systems.some(({ id }) => id === workloadStoreId);
  return { open: async (system) => (offered && system === workloadStoreId ? own : connections.open(system)) };
}

function workloadDoor(store: Store): Connection {
  return {
    storeConsumer: {
      // The escrow is what the workload reads, and it held the value before the target did.
      put: async () => done({ storeVersion: 'offered' }),
      holds: async () => done(true),
      reload: async () => done(undefined),
      // Not fetched: not healthy. Fetched: only a session of its own on the target tells more.
      healthy: async (consumer) => done((await fetched(store, consumer)) ? undefined : false),
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function fetched(store: Store, consumer: ConsumerRef): Promise<boolean> {
  // Execution hands over its own record of the consumer, which has the row's key; a stranger's has none and counts as not fetched.
  const { key } = consumer as ConsumerRef & { readonly key?: string };
  return key === undefined ? Promise.resolve(false) : hasFetched(store, key);
}
