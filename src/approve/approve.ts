// Takes one signature as an approval, or refuses it with the reason. Nothing is stored that would not count.
import { Problem } from '../domain/problem.ts';
import { type ApprovalStatus, approvalStatus } from './approval-status.ts';
import { checkSignature, type EstateRules, wordFor } from './check-signature.ts';
import type { ApprovalStore, StoredApproval } from './port.ts';
import { publicLine } from './ssh-public-key.ts';
import type { Subject } from './subject.ts';

export type ApproveDeps = { readonly estate: EstateRules; readonly approvals: ApprovalStore; readonly now: () => Date };
export type Given = { readonly stored: StoredApproval; readonly fingerprint: string; readonly status: ApprovalStatus };

/** Approving twice changes nothing. `stored` and `fingerprint` are what the evidence log's `approval` entry says. */
export async function approve(
  deps: ApproveDeps,
  subject: Subject,
  approval: { readonly approver: string; readonly signature: string },
): Promise<Given> {
  const at = deps.now();
  if (subject.expiresAt <= at) {
    throw new Problem('plan-stale', {
      message: `${subject.id} expired at ${subject.expiresAt.toISOString()}`,
      place: subject.id,
      hint:
        subject.kind === 'plan'
          ? 'make the plan again: rekey plan --where … --reason …'
          : 'ask for the hand-over again: rekey handover --run RUN …',
    });
  }
  const checked = checkSignature(deps.estate, subject, approval.approver, approval.signature);
  if (!checked.ok) {
    throw new Problem('not-permitted', {
      message: `not an approval of the ${wordFor(subject)} ${subject.id}: ${checked.why}`,
      place: subject.id,
      hint: checked.hint,
    });
  }
  const stored: StoredApproval = {
    approver: approval.approver,
    method: 'ssh',
    publicKey: publicLine(checked.key),
    signature: approval.signature,
    at,
  };
  const earlier = (await deps.approvals.of(subject.id)).find((a) => a.approver === stored.approver);
  const same =
    earlier !== undefined &&
    earlier.publicKey === stored.publicKey &&
    checkSignature(deps.estate, subject, earlier.approver, earlier.signature).ok;
  if (!same) await deps.approvals.put(subject.id, stored);
  return { stored: same ? earlier : stored, fingerprint: checked.key.fingerprint, status: await approvalStatus(deps, subject) };
}
