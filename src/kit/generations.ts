// A key that its target makes itself and of which it keeps honouring the older ones for a while. A reset of it is repeated by nobody: that would be the next one.
import type { AccountRef, Probed } from './capability.ts';
import type { Outcome } from './outcome.ts';
import type { Secret } from './secret.ts';

/** `undefined`: the replica does not say. It then counts as not having received anything. */
export type Generation = { readonly replica: string; readonly generation: number | undefined };

/** Only few targets have such a key: connectors without it say nothing about it. */
export interface KeyGenerations {
  /** The most resets after which the target can honour nothing of the first key any more. */
  readonly most: number;
  /** Every writable replica, also one the estate file forgets; the first is the one that takes the reset. */
  read(account: AccountRef): Promise<Outcome<readonly Generation[]>>;
  /** One reset, never sent twice; nothing is sent where the generation is not `expected`. Answers the new one. */
  reset(account: AccountRef, expected: number): Promise<Outcome<number>>;
  /** Something issued under the key as it is now; `nonsense`: the same, made invalid. */
  witness(account: AccountRef, kind: 'real' | 'nonsense'): Promise<Outcome<Uint8Array>>;
  /** Presents a witness: `rejected` only where the replica says that the key it was issued under is not its own. */
  present(account: AccountRef, witness: Secret, replica: string): Promise<Probed>;
  /** What was issued under the key lives at most so long. */
  lifeMs(account: AccountRef): Promise<Outcome<number>>;
}
