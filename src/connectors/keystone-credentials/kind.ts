// What the two kinds of credentials have in common: they are listed, made with a label, taken away, and shown to the service.
import type { Outcome, Sealer, Secret, Slot } from '../../kit/kit.ts';
import type { Login } from '../../protocols/keystone/auth.ts';
import type { Holder } from './holder.ts';

/** What consumers and probes read from a sealed value: `id` is the handle they show beside the secret. */
export type Pair = { readonly id: string; readonly secret: string };

export type Listed = Slot & Holder & { readonly expired: boolean };

export interface CredentialKind {
  /** All that are there, of one user or of everybody the Rekey user may see. */
  list(user?: string): Promise<Outcome<readonly Listed[]>>;
  issue(holder: Holder, sealer: Sealer, label: string): Promise<Outcome<{ readonly slot: string; readonly secret: Secret }>>;
  retire(holder: Holder, slot: string): Promise<Outcome<void>>;
  /** One login with this pair. `absent`: the service says that there is no such credential. */
  login(pair: Pair): Promise<Login & { readonly absent: boolean }>;
  pairOf(text: string): Pair | undefined;
}
