// What proving needs of the store and of the phases around it. Rows come in pages: no log, plan or run is ever held whole.
import type { Kind } from '../domain/account.ts';
import type { Mode, RunState, WaveState } from '../domain/run.ts';
import type { ItemView, PersonView } from '../domain/view.ts';

export type StoredCheckpoint = { readonly size: number; readonly note: string; readonly at: Date };

/** One Merkle log per run, named by the run's id, and one named `estate`. */
export interface Evidence {
  /** Entries in the log's order, in pages, up to the first that an open transaction could still precede. */
  pages(log: string): AsyncIterable<readonly string[]>;
  /** How many committed entries are not in that prefix yet. */
  unsettled(log: string): Promise<number>;
  /** Oldest first. */
  checkpoints(log: string): Promise<readonly StoredCheckpoint[]>;
  saveCheckpoint(log: string, checkpoint: { readonly size: number; readonly note: string }): Promise<void>;
  /** Appends lines to a log, creating it when it is new; resolved = committed. */
  append(log: string, lines: readonly string[]): Promise<void>;
}

export type RunRecord = {
  readonly id: string;
  readonly plan: string;
  readonly planHash: string;
  readonly state: RunState;
  readonly mode: Mode;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly startedBy: string;
  readonly halt: { readonly by: string; readonly reason: string; readonly at: string } | null;
};
export type PlanRecord = {
  readonly id: string;
  readonly name: string;
  readonly header: string;
  readonly createdAt: Date;
  readonly createdBy: string;
};
export type ApprovalRecord = {
  readonly approver: string;
  readonly method: string;
  readonly publicKey: string;
  readonly signature: string;
  readonly at: Date;
};
export type WaveRecord = {
  readonly n: number;
  readonly name: string;
  readonly mode: Mode;
  readonly state: WaveState;
  readonly reason: string | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
};
/** `id` of the view is the account's immutable id: with the system it is the `item` of the log's lines. */
export type ItemRow = ItemView & {
  readonly tier: number;
  readonly kind: Kind;
  readonly canary: boolean;
  /** Whose account it is, and the sync group whose shared value it got; as the plan knew it. */
  readonly person: string | null;
  readonly sync: string | null;
};
export type ExceptionRow = {
  readonly id: string;
  readonly system: string;
  readonly account: string;
  readonly path: string | null;
  readonly owner: string;
  readonly reason: string;
  readonly expiresAt: Date;
  readonly at: Date;
};

/** `playbook` is the signed text. */
export type PreApproval = { readonly playbook: string; readonly approvals: readonly ApprovalRecord[] };

export interface RunRecords {
  run(id: string): Promise<RunRecord | undefined>;
  plan(id: string): Promise<PlanRecord | undefined>;
  planLines(plan: string): AsyncIterable<readonly string[]>;
  approvals(plan: string): Promise<readonly ApprovalRecord[]>;
  /** The playbook a run was started by without further approval, with the signatures that counted. */
  preApproval(plan: string): Promise<PreApproval | undefined>;
  waves(run: string): Promise<readonly WaveRecord[]>;
  /** In the order they were planned. */
  items(run: string): AsyncIterable<readonly ItemRow[]>;
  exceptions(run: string): AsyncIterable<readonly ExceptionRow[]>;
  /** In the order of their names; each with all of their accounts. */
  people(run: string): AsyncIterable<readonly PersonView[]>;
}

/** True when `signature` is the approver's over exactly `message`. */
export type VerifyApproval = (approval: {
  readonly approver: string;
  readonly method: string;
  readonly publicKey: string;
  readonly signature: string;
  readonly message: string;
}) => boolean | Promise<boolean>;
