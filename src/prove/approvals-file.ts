// approvals.json: who approved what, with all that anyone needs to check the signatures without us.
import { canonical } from '../domain/json.ts';
import type { ApprovalRecord } from './port.ts';

export type ApprovalsFile = {
  readonly plan: string;
  readonly hash: string;
  /** Exactly these bytes were signed (SSH signature, namespace rekey-approval). */
  readonly message: string;
  readonly namespace: string;
  /** Of a run that a playbook started: its text, whose hash was signed in advance. */
  readonly playbook?: string;
  readonly approvals: readonly {
    readonly approver: string;
    readonly method: string;
    readonly publicKey: string;
    readonly signature: string;
    readonly at: string;
  }[];
};

export function approvalsText(
  plan: string,
  hash: string,
  message: string,
  approvals: readonly ApprovalRecord[],
  playbook?: string,
): string {
  return `${canonical({
    plan,
    hash,
    message,
    namespace: 'rekey-approval',
    playbook,
    approvals: approvals.map(({ at, ...rest }) => ({ ...rest, at: at.toISOString() })),
  })}\n`;
}
