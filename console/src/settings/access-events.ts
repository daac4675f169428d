// The acts that the record of access can be about, each once: one the API learns and this list lacks does not compile.
import type { Query } from '../api/client.ts';

export type AccessEvent = NonNullable<Query<'/v1/audit'>['event']>;

const named: Readonly<Record<AccessEvent, true>> = {
  bootstrap: true,
  invited: true,
  'invited-back': true,
  'invitation-revoked': true,
  joined: true,
  'sign-in': true,
  'sign-in-refused': true,
  'sign-out': true,
  'session-revoked': true,
  'member-added': true,
  'member-changed': true,
  'passkey-added': true,
  'passkey-removed': true,
  'token-made': true,
  'token-revoked': true,
};

export const accessEvents = Object.keys(named) as readonly AccessEvent[]; // its keys, by its type
