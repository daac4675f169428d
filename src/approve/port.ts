// What approving needs of the store and of the members: signatures given and refusals per plan or hand-over, and whose passkeys are enrolled.

export type StoredApproval = {
  readonly approver: string;
  readonly method: string;
  readonly publicKey: string;
  /** An armored SSH signature, or the whole assertion of a passkey as text. */
  readonly signature: string;
  readonly at: Date;
};

export type Refusal = { readonly by: string; readonly reason: string; readonly at: Date };

export interface ApprovalStore {
  /** Oldest first. */
  of(subject: string): Promise<readonly StoredApproval[]>;
  /** Replaces an earlier approval of the same approver, so that a renewed key can sign again. `line` goes to the estate's log with it. */
  put(subject: string, approval: StoredApproval, line: string): Promise<void>;
  /** Those that stand, oldest first. */
  refusals(subject: string): Promise<readonly Refusal[]>;
  /** Refusing twice changes nothing. */
  refuse(subject: string, refusal: Refusal, line: string): Promise<void>;
  /** False when there is none of theirs that stands. */
  withdraw(subject: string, by: string, at: Date, line: string): Promise<boolean>;
}

export type EnrolledPasskey = {
  /** Id of the credential, base64url. */
  readonly credential: string;
  /** COSE, base64url. */
  readonly publicKey: string;
  readonly enrolledAt: Date;
};

export interface Passkeys {
  /** Of a member who may approve at present; of anybody else, none. */
  of(approver: string): Promise<readonly EnrolledPasskey[]>;
  /** Names of the members who may approve with a passkey. */
  approvers(): Promise<readonly string[]>;
  /** Notes how often the key says it was used; false when it said as much or more before: then there may be a copy of it. */
  used(credential: string, counter: number): Promise<boolean>;
}
