// The capabilities a connector may have. All optional, each small; the engine owns loops, retries, limits, locks, sealing and audit.

import type { Kind } from '../domain/account.ts';
import type { ByHand } from '../domain/by-hand.ts';
import type { KeyFacts } from '../domain/key-facts.ts';
import type { ProbeVerdict, Where } from '../domain/verdict.ts';
import type { Facts, Outcome } from './outcome.ts';
import type { Sealer, Secret } from './secret.ts';

/** `id` is immutable at the target (entryUUID, GUID, oid), never a DN or an e-mail. `name` is what people type; `locator` is where it is now. */
export type AccountRef = {
  readonly system: string;
  readonly id: string;
  readonly name: string;
  readonly locator?: string;
  /** The bare login, where it differs from the name (uid=alice,… → alice): what another system's login form takes. */
  readonly login?: string;
};

/** One call = one page; the engine owns the loop. `next` absent = last page. */
export type Page<T> = { readonly items: readonly T[]; readonly next?: string };

export type Found = {
  readonly id: string;
  readonly name: string;
  readonly locator?: string;
  /** The bare login, where it differs from the name (uid=alice → alice). */
  readonly login?: string;
  readonly kind: Kind;
  readonly enabled: boolean;
  readonly privileged: boolean;
  /** The target's own owner hint (manager, owner, role comment), if it has one. */
  readonly owner?: string;
  readonly changedAt?: Date;
  /** No API resets it: the plan shows it as a task, and the run waits for its owner's signature. */
  readonly byHand?: ByHand;
  /** Its key has generations: reset, wait, present what was issued before, reset again. */
  readonly generations?: KeyFacts;
  readonly facts: Facts;
};

/** Every field is what the target demands or allows; absent = it says nothing. `classes` is how many character classes it wants. */
export type PasswordPolicy = {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly classes?: number;
  /** Characters the target cannot take. */
  readonly exclude?: string;
  readonly history?: number;
  readonly minAgeSeconds?: number;
};

/** `threshold` 0 = no lockout. `undefined` = cannot be read. `resetsOnSuccess`: one good login clears the count. */
export type Lockout = {
  readonly threshold: number | undefined;
  readonly failures: number | undefined;
  readonly resetsOnSuccess: boolean;
  readonly windowSeconds?: number;
};

/** The target's own record of one account, read from one replica, with the target's own clock. */
export type AccountState = {
  /** When the secret was last set, if the target keeps it. */
  readonly changedAt?: Date;
  /** The target's clock at the time of reading: compare `changedAt` with nothing else. */
  readonly now?: Date;
  /** Opaque; differs after every change of the secret, and is the same on every replica that has received it (pwdChangedTime+entryCSN, the stored verifier). */
  readonly marker: string;
  /** How many secrets the target accepts now (userPassword values, Redis hashes). More than one after a reset is a second stored value. */
  readonly values?: number;
  readonly usable: boolean;
};

/** `id` is the target's handle (backend pid, connection number); `own`: opened by this Rekey process. */
export type Session = { readonly id: string; readonly startedAt: Date; readonly from: string; readonly own: boolean };

export type Probed = {
  readonly verdict: ProbeVerdict;
  /** The target's own code ("0", "49", "28P01") or the transport's ("ETIMEDOUT"). */
  readonly code: string;
  /**
   * Only with `blocked`: the target compared the secret, it is the one the account holds, and it must be changed before it opens anything. Said only where
   * the target has another answer for a wrong one (Active Directory: 773 and 52e).
   */
  readonly right?: true;
  /** Only with `indeterminate`: the target turned the call away before it looked at the secret (throttled). The same probe may be made again. */
  readonly retryAfterMs?: number;
};

export type Check = {
  readonly id: 'reach' | 'tls' | 'auth' | 'rights' | 'policy' | 'clock' | 'replicas' | (string & {});
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly message: string;
  /** What to do about it, in one sentence. */
  readonly next?: string;
};

export type ConsumerRef = { readonly consumer: string; readonly ref: string; readonly reload?: string; readonly health?: string };

/** One live credential of an account that may hold several. `slot` is the target's handle (key id, serial number). */
export type Slot = { readonly slot: string; readonly label?: string; readonly createdAt?: Date; readonly expiresAt?: Date };

export interface Capabilities {
  /** Reads everything `doctor` shows. Yields each check as it is known; later checks that cannot run are left out. */
  check: { run(): AsyncIterable<Check> };
  inventory: { page(q: { readonly cursor?: string; readonly limit: number }): Promise<Outcome<Page<Found>>> };
  passwordPolicy: { read(account?: AccountRef): Promise<Outcome<PasswordPolicy>> };
  /** We choose the value. Setting the same secret again is safe. */
  setSecret: { set(account: AccountRef, secret: Secret): Promise<Outcome<void>> };
  /**
   * Where the secret is no password (a key pair, a certificate with its key): makes a value to set, and one of the same form that the target
   * never saw. Without it the estate's password rules make both.
   */
  secretForm: { fresh(account: AccountRef): Promise<Outcome<Uint8Array>>; nonsense(): Promise<Uint8Array> };
  /** We choose the value, and the one before stays accepted until `close`: consumers move without an outage. Both may be repeated with the same secret. */
  overlap: {
    open(account: AccountRef, secret: Secret): Promise<Outcome<void>>;
    /** After it the target accepts `secret` and nothing else. */
    close(account: AccountRef, secret: Secret): Promise<Outcome<void>>;
  };
  /**
   * The target makes the value and holds several at once. `label` is unique: where the target can store it, a slot whose answer was lost is found
   * again by it. `issue` seals before it returns and is never retried by anyone; an absent slot retires as done.
   */
  dualSecret: {
    list(account: AccountRef): Promise<Outcome<readonly Slot[]>>;
    issue(account: AccountRef, sealer: Sealer, label: string): Promise<Outcome<{ readonly slot: string; readonly secret: Secret }>>;
    retire(account: AccountRef, slot: string): Promise<Outcome<void>>;
  };
  /** Reads one replica; `replicas()` names those that hold accounts. */
  state: {
    replicas(): Promise<readonly string[]>;
    read(account: AccountRef, replica: string): Promise<Outcome<AccountState>>;
    /** The replica's clock now, where it can be asked without an account. */
    clock?(replica: string): Promise<Outcome<Date>>;
  };
  lockout: { read(account: AccountRef, where: Where): Promise<Outcome<Lockout>> };
  /**
   * `end` ends sessions that began before `before` (target's clock) and are not our own; `residualMs`: they die by themselves within it; `byClock`: not
   * before, and nothing shows it, so that asking again tells no more.
   */
  sessions: {
    /** Where the target dates sessions more coarsely than by the millisecond: how coarsely. */
    readonly grainMs?: number;
    list(account: AccountRef): Promise<Outcome<readonly Session[]>>;
    end(
      account: AccountRef,
      before: Date,
    ): Promise<Outcome<{ readonly ended: number; readonly left: number; readonly residualMs?: number; readonly byClock?: true }>>;
  };
  contain: { block(account: AccountRef): Promise<Outcome<void>>; unblock(account: AccountRef): Promise<Outcome<void>> };
  /** A place workloads read the secret from. `put` is atomic and read back; `current` proves what is stored without showing it. */
  storeConsumer: {
    put(consumer: ConsumerRef, account: AccountRef, secret: Secret): Promise<Outcome<{ readonly storeVersion: string }>>;
    holds(consumer: ConsumerRef, account: AccountRef, secret: Secret): Promise<Outcome<boolean>>;
    reload(consumer: ConsumerRef): Promise<Outcome<void>>;
    /** Runs the consumer's own health check; `undefined` value = it has none. */
    healthy(consumer: ConsumerRef): Promise<Outcome<boolean | undefined>>;
  };
  /** A login with this secret, on a connection that proves this secret and no other. Empty secrets are `indeterminate`, never sent. */
  probe: { paths(): Promise<readonly Where[]>; attempt(account: AccountRef, secret: Secret, where: Where): Promise<Probed> };
}
export type Capability = keyof Capabilities;
export const capabilities = [
  'check',
  'inventory',
  'passwordPolicy',
  'secretForm',
  'setSecret',
  'overlap',
  'dualSecret',
  'state',
  'lockout',
  'sessions',
  'contain',
  'storeConsumer',
  'probe',
] as const satisfies readonly Capability[];
