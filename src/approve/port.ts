// What approving needs of the store: the signatures given so far, per plan or hand-over.

export type StoredApproval = {
  readonly approver: string;
  readonly method: string;
  readonly publicKey: string;
  readonly signature: string;
  readonly at: Date;
};

export interface ApprovalStore {
  /** Oldest first. */
  of(subject: string): Promise<readonly StoredApproval[]>;
  /** Replaces an earlier approval of the same approver, so that a renewed key can sign again. Idempotent. */
  put(subject: string, approval: StoredApproval): Promise<void>;
}
