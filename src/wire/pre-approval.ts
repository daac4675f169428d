// The signatures under a playbook: only of those it names, under the present rules, and none of whoever fires it.
import { type ApprovalStatus, approvalStatus } from '../approve/approval-status.ts';
import type { ApproveDeps } from '../approve/approve.ts';
import type { StoredApproval } from '../approve/port.ts';
import type { Subject } from '../approve/subject.ts';
import { Problem } from '../domain/problem.ts';
import type { PlaybookSpec } from '../estate/playbook-spec.ts';
import { playbookApprovals } from '../store/firings.ts';
import { approvalParts } from './approval-services.ts';
import type { Parts } from './parts.ts';

export function playbookOf({ estate }: Pick<Parts, 'estate'>, id: string): PlaybookSpec {
  const found = estate.playbooks?.find((p) => p.id === id);
  if (found !== undefined) return found;
  const known = (estate.playbooks ?? []).map((p) => p.id).join(', ');
  throw new Problem('not-found', {
    message: `there is no playbook ${id.slice(0, 63)}`,
    hint: known === '' ? 'rekey.yaml has no "playbooks"' : `playbooks are ${known}`,
  });
}

/** `by`: who fires it. Nobody's own signature starts what they ask for. */
export function playbookSubject(spec: PlaybookSpec, by: string): Subject {
  return {
    kind: 'playbook',
    id: `playbook/${spec.id}`,
    hash: spec.hash,
    createdBy: by,
    expiresAt: new Date(spec.preApproved?.until ?? 0),
    tier0: spec.cap.tier0 > 0,
  };
}

/** A passkey of the author's is still looked up where the playbook does not name them: a second name on the same key is no second person. */
export function playbookDeps(parts: Parts, spec: PlaybookSpec): ApproveDeps & { readonly estate: Parts['estate'] } {
  const { deps } = approvalParts(parts);
  const named = (name: string): boolean => spec.preApproved?.by.includes(name) ?? false;
  const signatures = playbookApprovals(parts.store, spec.id);
  return {
    ...deps,
    estate: { ...parts.estate, approvers: parts.estate.approvers.filter(({ name }) => named(name)) },
    passkeys: { ...deps.passkeys, approvers: async () => (await deps.passkeys.approvers()).filter(named) },
    approvals: { ...signatures, of: async (subject) => (await signatures.of(subject)).filter(({ approver }) => named(approver)) },
  };
}

export type PreApproval = { readonly status: ApprovalStatus; readonly counted: readonly StoredApproval[] };

export async function preApprovalOf(parts: Parts, spec: PlaybookSpec, by: string): Promise<PreApproval> {
  const deps = playbookDeps(parts, spec);
  const subject = playbookSubject(spec, by);
  const status = await approvalStatus(deps, subject);
  const stored = await deps.approvals.of(subject.id);
  return { status, counted: stored.filter(({ approver }) => status.given.some(({ name }) => name === approver)) };
}
