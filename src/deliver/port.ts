// What delivering needs of the store. A sealed row is opened by the port `openSecret` alone, and only after its audit entry is durable.
import type { Kind } from '../domain/account.ts';
import type { Secret } from '../kit/secret.ts';

/** `identity`: as the inventory names owners and identities. `session`: where a value is shown; the same place may show it again. */
export type Caller = { readonly name: string; readonly custodian: boolean; readonly identity: string | null; readonly session: string };

export type DeliveryAccount = {
  readonly key: string;
  readonly system: string;
  readonly id: string;
  readonly name: string;
  readonly login: string | null;
  readonly kind: Kind;
  readonly identity: string | null;
  /** Set when the account has exactly one. */
  readonly owner: string | null;
};
/** A row of the escrow as the seal opens it. Leaked values are never read through this port. */
export type EscrowRow = {
  readonly origin: 'generated' | 'known';
  readonly version: number;
  readonly state: 'candidate' | 'live' | 'previous' | 'disproved';
  readonly dataKey: string;
  readonly sealed: Uint8Array;
};
/** `doubt`: this version was sent and the target's answer is not known. `setAt`: when the account got its present value. */
export type Held = EscrowRow & { readonly doubt: boolean; readonly setAt: Date };
export type LiveRow = { readonly account: DeliveryAccount; readonly row: EscrowRow };

export type HandoverRecord = {
  readonly id: string;
  readonly hash: string;
  /** Canonical JSON; the hash is the SHA-256 of these bytes. */
  readonly request: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly writtenAt: Date | null;
};

export interface DeliveryStore {
  /** Accounts known by this name, login or id; gone ones are left out. */
  find(system: string, account: string): Promise<readonly DeliveryAccount[]>;
  /** The account's escrow, newest first, without leaked values. */
  escrow(account: string): Promise<readonly Held[]>;
  /** Appends to log `estate`. Resolved = committed and seen by a read outside the writing transaction. */
  audit(lines: readonly string[]): Promise<void>;
  hasRun(run: string): Promise<boolean>;
  /** Live versions that this run set, in the run's order, in pages. */
  live(run: string, where: string, now: Date): AsyncIterable<readonly LiveRow[]>;
  handover(id: string): Promise<HandoverRecord | undefined>;
  /** The request with this hash that is neither written nor expired. */
  openHandover(hash: string, now: Date): Promise<HandoverRecord | undefined>;
  createHandover(record: Omit<HandoverRecord, 'writtenAt'>): Promise<void>;
  /** Marks it written and audits, both or neither; false when it was written before. Resolved = committed, as for `audit`. */
  takeHandover(id: string, now: Date, lines: readonly string[]): Promise<boolean>;
}

export type OpenSecret = (account: string, row: EscrowRow) => Promise<Secret>;
