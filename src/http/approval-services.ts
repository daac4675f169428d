// What the routes of approvals need of the house.
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import type { Caller } from '../access/caller.ts';
import type { ApprovalState, ApprovalView } from '../domain/approval-view.ts';
import type { Paged, PlanView } from '../domain/view.ts';

export type Approval = { readonly approver: string; readonly signature: string };
export type Approvable = { readonly id: string; readonly hash: string; readonly message: string };
export type Approved = PlanView | { readonly id: string; readonly given: number; readonly needed: number };
/** `options` is what navigator.credentials.get takes, as JSON. */
export type PasskeyRequest = Approvable & {
  readonly approver: string;
  readonly options: {
    readonly challenge: string;
    readonly rpId: string;
    readonly timeout: number;
    readonly userVerification: 'required';
    readonly allowCredentials: readonly { readonly id: string; readonly type: 'public-key' }[];
  };
};

export interface ApprovalServices {
  /** What waits, or ended in this state; without one, everything, newest first. */
  approvals(
    caller: Caller,
    query: { readonly cursor?: string; readonly limit: number; readonly state?: ApprovalState },
  ): Promise<Paged<ApprovalView>>;
  /** The bytes an approver signs (namespace rekey-approval) for a plan or a hand-over. */
  approvable(caller: Caller, id: string): Promise<Approvable>;
  approve(caller: Caller, id: string, approval: Approval): Promise<Approved>;
  /** Asks the caller's own passkeys; the challenge is bound to the hash, so nothing is kept here between asking and answering. */
  askPasskey(caller: Caller, id: string): Promise<PasskeyRequest>;
  approveByPasskey(caller: Caller, id: string, response: AuthenticationResponseJSON): Promise<Approved>;
  refuse(caller: Caller, id: string, reason: string): Promise<ApprovalView>;
  withdrawRefusal(caller: Caller, id: string): Promise<ApprovalView>;
}
