// What people see of something that waits for approval: a plan or a hand-over, who gave, who may, who refused and why.

export const approvalStates = ['waiting', 'approved', 'refused', 'expired', 'used'] as const;
/** `approved`: nothing is missing, and it was not used yet. `used`: a plan that was applied, a hand-over that was written. */
export type ApprovalState = (typeof approvalStates)[number];

export type ApprovalView = {
  readonly id: string;
  readonly kind: 'plan' | 'handover';
  readonly name: string;
  readonly reason: string;
  readonly hash: string;
  readonly requestedBy: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** Credentials it changes or hands over, where that is known. */
  readonly credentials: number | null;
  readonly tier0: boolean;
  readonly state: ApprovalState;
  readonly needed: number;
  readonly given: readonly { readonly name: string; readonly method: string; readonly at: string }[];
  readonly refused: readonly { readonly name: string; readonly reason: string; readonly at: string }[];
  /** Names of those whose approval would still count. */
  readonly may: readonly string[];
  /** The caller asked for it. */
  readonly mine: boolean;
  /** The caller may give theirs now. */
  readonly canGive: boolean;
};
