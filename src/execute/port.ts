// What execution needs of the store, of the seal and of verification: records in, transitions out. Nothing here knows SQL or a target.
import type { ConsumerState } from '../domain/consumer.ts';
import type { ItemState } from '../domain/item.ts';
import type { Mode } from '../domain/run.ts';
import type { United } from '../domain/united.ts';
import type { Cell } from '../domain/verdict.ts';
import type { AccountRef, ConsumerRef, Probed } from '../kit/capability.ts';
import type { Connection } from '../kit/connector.ts';
import type { Outcome } from '../kit/outcome.ts';
import type { Secret } from '../kit/secret.ts';
import type { LanePaceSeen } from './lane-times.ts';

export type SecretOrigin = 'generated' | 'leaked' | 'known';
export type SecretState = 'candidate' | 'live' | 'previous' | 'disproved';

/** One row of the escrow. `sealed` opens with `dataKey` and the account's AAD. */
export type SealedSecret = {
  readonly origin: SecretOrigin;
  readonly version: number;
  readonly state: SecretState;
  readonly dataKey: string;
  readonly sealed: Uint8Array;
  /** By our clock; a value cannot have come into force earlier. */
  readonly sealedAt?: Date;
  /** The target's handle, where the target made the value. */
  readonly slot?: string;
};

export type WorkConsumer = ConsumerRef & {
  readonly key: string;
  readonly store: string;
  readonly owner: string | null;
  /** Its state in this run; undefined = not touched yet. */
  readonly state: ConsumerState | undefined;
};

/** One reset of a key with generations: decided on (`expected`), come into force (`reached`), received by every replica. */
export type Turn = {
  readonly expected: number;
  /** The attempt of the item in which it was decided to send: a later attempt is a person's doing. */
  readonly attempt: number;
  readonly reached: number | null;
  readonly resetAt: Date | null;
  readonly convergedAt: Date | null;
};

/** What all accounts of one person in a sync group get: `form` is the union of the group's policies as the plan read them. */
export type SharedValue = { readonly group: string; readonly person: string; readonly attempt: number; readonly form: United };

/** One item as a worker holds it. `secrets` is the account's whole escrow, oldest first. */
export type WorkItem = {
  readonly key: string;
  readonly account: string;
  readonly ref: AccountRef;
  readonly canary: boolean;
  readonly state: ItemState;
  readonly version: number | null;
  readonly attempt: number;
  readonly appliedAt: Date | null;
  /** When the old value beside the new one was closed, or the old slots retired, by the target's clock. */
  readonly retiredAt: Date | null;
  /** Slots that were live before the target was asked for a new one: what is to be retired. */
  readonly slots: readonly string[];
  /** Set where the item is a key with generations: its resets in this run, oldest first. */
  readonly turns: readonly Turn[] | null;
  /** A clock that runs although everything else may be proved: sessions that end by themselves. */
  readonly residual: { readonly until: Date; readonly why: string } | null;
  /** Set: its value is the one that the person's other accounts of the group get too. */
  readonly shared?: SharedValue;
  /** How often its proof was held again since it was complete. */
  readonly reproofs: number;
  /** We blocked the account and owe it an unblock. */
  readonly blocked: boolean;
  readonly secrets: readonly SealedSecret[];
  readonly consumers: readonly WorkConsumer[];
  /** What a named owner accepted for this item, not expired; `path` null = all of it. */
  readonly exceptions: readonly { readonly path: string | null; readonly owner: string; readonly until: string }[];
};

/** A lane in hand. Every write carries `epoch`; a newer epoch fences this holder. */
export type Claim = {
  readonly lane: string;
  readonly epoch: number;
  readonly run: string;
  readonly runKey: string;
  readonly log: number;
  readonly wave: number;
  readonly system: string;
  readonly mode: Mode;
  readonly rollback: boolean;
  readonly dataKey: string;
  /** The sync groups of the plan whose accounts share a value. */
  readonly sync?: readonly { readonly name: string; readonly form: United }[];
};

/** One durable step. `from === to` notes progress inside a state. All parts commit together or not at all. */
export type Transition = {
  readonly claim: Claim;
  readonly item: string;
  readonly account: string;
  readonly from: ItemState;
  readonly to: ItemState;
  /** False once nothing more happens to the item by itself: an end state, or parked with an error. */
  readonly open: boolean;
  readonly error?: string;
  readonly version?: number;
  readonly appliedAt?: Date;
  readonly retiredAt?: Date;
  readonly slots?: readonly string[];
  readonly turn?: Partial<Turn> & Pick<Turn, 'expected'>;
  readonly residual?: { readonly until: Date; readonly why: string };
  /** When the proof is to be held again. */
  readonly reproofAt?: Date;
  readonly blocked?: boolean;
  readonly seal?: { readonly version: number; readonly sealed: Uint8Array; readonly slot?: string };
  readonly secrets?: readonly { readonly origin: SecretOrigin; readonly version: number; readonly state: SecretState }[];
  /** The account now runs on this version. */
  readonly current?: { readonly version: number; readonly at: Date };
  readonly cells?: readonly Cell[];
  readonly consumers?: readonly {
    readonly key: string;
    readonly state: ConsumerState;
    readonly storeVersion?: string;
    readonly detail?: string;
  }[];
  readonly lines: readonly string[];
};

export interface LaneStore {
  /** Takes the lane with a new epoch; undefined = nothing to do (done, halted, run not running). */
  claim(lane: string, owner: string): Promise<Claim | undefined>;
  /** False = fenced. */
  beat(claim: Claim): Promise<boolean>;
  /** Open items in key order. */
  page(claim: Claim, after: string, limit: number): Promise<readonly WorkItem[]>;
  one(claim: Claim, item: string): Promise<WorkItem | undefined>;
  /** After the COMMIT (and, when it seals, the read-back): true = kept, false = fenced. */
  commit(transition: Transition): Promise<boolean>;
  /** Parks every open item of the lane that was not begun, with one reason each. */
  park(claim: Claim, reason: string): Promise<number>;
  finish(claim: Claim, state: 'done' | 'halted' | 'waiting', reason: string | undefined, stats: LaneStats): Promise<void>;
  note(claim: Claim, reason: string | undefined, stats: LaneStats): Promise<void>;
  /** Whether the run still wants work (false when paused, aborted, ended). */
  wanted(claim: Claim): Promise<boolean>;
  aborted(claim: Claim): Promise<boolean>;
}

/** `seen`: how long its items took, for the next prediction. */
export type LaneStats = { readonly perSecond: number; readonly concurrency: number; readonly seen?: LanePaceSeen };

export interface Escrow {
  /** A new value that the united policy allows; undefined with the reason when no value can satisfy it. */
  generate(system: string, policy: readonly unknown[]): { readonly value: Uint8Array } | { readonly conflict: string };
  /** The value of one person in one sync group of one run: the same in every lane, without a second copy anywhere. */
  derive(claim: Claim, shared: SharedValue): Promise<Uint8Array>;
  seal(claim: Claim, account: string, version: number, value: Uint8Array): Promise<Uint8Array>;
  open(account: string, row: SealedSecret): Promise<Secret>;
  nonsense(system: string): Secret;
}

/** What verification says of one item. `again`: ask later (replica lags, clock runs), `why` is shown meanwhile. */
export type Verification = {
  readonly cells: readonly Cell[];
  readonly lines: readonly string[];
  readonly residual?: { readonly until: Date; readonly why: string };
  /** The new secret is right and must be changed at the next login. */
  readonly mustChange?: true;
  readonly again?: { readonly afterMs: number; readonly why: string; readonly transient?: boolean };
};

/** Probes and reads under the lane's pace; what a target turns away unseen is asked again. */
export type ProbePace = {
  probe(probe: () => Promise<Probed>): Promise<Probed>;
  read<T>(read: () => Promise<Outcome<T>>): Promise<Outcome<T>>;
};

export type VerifyItem = (input: {
  readonly claim: Claim;
  readonly item: WorkItem;
  readonly connection: Connection;
  readonly fresh: Secret;
  /** Every value that must not work any more, newest first. */
  readonly olds: readonly { readonly secret: Secret; readonly origin: SecretOrigin; readonly version: number }[];
  /** The secret was set no earlier than this, by the target's clock. */
  readonly changedAfter: Date;
  /** The target lists what it accepts, and nothing but the new one is there. */
  readonly onlyOurs: boolean;
  /** Cells of this value that were proved while others were awaited. */
  readonly proved: readonly Cell[];
  readonly pace: ProbePace;
}) => Promise<Verification>;

/** Classifies a candidate after a lost answer, within the lockout budget. */
export type ResolveDoubt = (input: {
  readonly item: WorkItem;
  readonly connection: Connection;
  readonly candidate: Secret;
  readonly previous: Secret | undefined;
}) => Promise<{
  readonly finding: 'applied' | 'unchanged' | 'third-value' | 'unknown';
  readonly why: string;
  readonly lines: readonly string[];
}>;
