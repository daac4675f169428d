// All repositories of the inventory over one store.
import type { Inventory } from '../inventory/port.ts';
import { accountStore } from './accounts.ts';
import { consumerStage } from './consumers.ts';
import { discoveryStore } from './discovery.ts';
import { exposureStore } from './exposure.ts';
import { ownerStage } from './ownership.ts';
import { peopleStore, personStage } from './people.ts';
import type { Store } from './sql.ts';
import { systemStore } from './systems.ts';

export function inventoryStore(store: Store): Inventory {
  return {
    systems: systemStore(store),
    discoveries: discoveryStore(store),
    accounts: accountStore(store),
    owners: ownerStage(store),
    consumers: consumerStage(store),
    exposure: exposureStore(store),
    persons: personStage(store),
    people: peopleStore(store),
    transaction: (work) => store.transaction(() => work()),
  };
}
