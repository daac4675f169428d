// What the connector can do for one system: what its block of the estate file describes.
import { type Capability, capabilities, type Support } from '../../kit/kit.ts';
import type { Config } from './config.ts';

/** With every block written down. */
export const supports = {
  check: true,
  inventory: true,
  passwordPolicy: { cannot: "What the API demands of a secret is written in the estate file, as the system's password rules." },
  secretForm: { cannot: 'The secret is a text; the password rules of the system make it.' },
  setSecret: true,
  overlap: { cannot: 'Keys that live side by side are made by the API: describe them as mint.' },
  dualSecret: true,
  state: true,
  lockout: true,
  sessions: true,
  contain: true,
  storeConsumer: { cannot: 'The API holds accounts, not the secrets of consumers.' },
  probe: true,
} as const satisfies Record<Capability, Support>;

const blocks: { readonly [C in Capability]?: keyof Config } = {
  inventory: 'accounts',
  setSecret: 'set',
  dualSecret: 'mint',
  state: 'state',
  lockout: 'lockout',
  sessions: 'sessions',
  contain: 'contain',
  probe: 'probe',
};

/** The answers for one config, offline: a capability whose block is left out is one this API does not have. */
export function supportsOf(config: Config): Record<Capability, Support> {
  const answer = (capability: Capability): Support => {
    const block = blocks[capability];
    return block !== undefined && config[block] === undefined
      ? { cannot: `The estate file describes no "${block}" of this API.` }
      : supports[capability];
  };
  return Object.fromEntries(capabilities.map((capability) => [capability, answer(capability)])) as Record<Capability, Support>; // every capability is in the list
}
