// The answers of connectors that hold no accounts: a place consumers read from, and a way to log in.
import type { Capability } from './capability.ts';

type Others<K extends Capability> = { readonly [C in Exclude<Capability, K>]: { readonly cannot: string } };

function cannotBut<const K extends Capability>(own: K, cannot: string): Others<K> & { readonly [C in K]: true } {
  const no = { cannot };
  const answers: { readonly [C in Capability]: true | { readonly cannot: string } } = {
    check: no,
    inventory: no,
    passwordPolicy: no,
    secretForm: no,
    setSecret: no,
    overlap: no,
    dualSecret: no,
    state: no,
    lockout: no,
    sessions: no,
    contain: no,
    storeConsumer: no,
    probe: no,
    [own]: true,
  };
  return answers as Others<K> & { readonly [C in K]: true }; // a computed key widens the type
}

/** For `role: 'path'`: it logs in to accounts that another system holds. */
export const pathSupports = cannotBut('probe', 'A path is a way to log in to accounts that another system holds.');

/** For `role: 'store'`: workloads read secrets from it. */
export const storeSupports = cannotBut(
  'storeConsumer',
  'This is a place workloads read secrets from: it has no accounts of its own to reset.',
);
