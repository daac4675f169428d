// How many approvals a plan or hand-over has and still needs. Every stored signature is verified again under the estate's present rules.
import { Problem, type ProblemDetail } from '../domain/problem.ts';
import { checkSignature, type EstateRules, wordFor } from './check-signature.ts';
import type { ApprovalStore } from './port.ts';
import { publicLine } from './ssh-public-key.ts';
import { approvalsNeeded, type Subject } from './subject.ts';

export type StatusDeps = { readonly estate: EstateRules; readonly approvals: ApprovalStore };
export type ApprovalStatus = {
  readonly needed: number;
  /** `key` is the public key line, for the evidence. */
  readonly given: readonly { readonly name: string; readonly method: string; readonly key: string; readonly at: string }[];
  /** Stored, but not counted: the approver or the key left the estate, or the row was altered. */
  readonly void: readonly { readonly name: string; readonly why: string }[];
};

/** Counts distinct names with distinct keys: two names on one key are one approver. */
export async function approvalStatus(deps: StatusDeps, subject: Subject): Promise<ApprovalStatus> {
  const given: { name: string; method: string; key: string; at: string }[] = [];
  const lost: { name: string; why: string }[] = [];
  const keys = new Set<string>();
  const names = new Set<string>();
  for (const stored of await deps.approvals.of(subject.id)) {
    const name = stored.approver;
    if (stored.method !== 'ssh') {
      lost.push({ name, why: `the method ${JSON.stringify(stored.method)} cannot be verified here` });
      continue;
    }
    const checked = checkSignature(deps.estate, subject, name, stored.signature);
    if (!checked.ok) lost.push({ name, why: checked.why });
    else if (names.has(name) || keys.has(checked.key.fingerprint)) lost.push({ name, why: 'this key or name has approved already' });
    else {
      keys.add(checked.key.fingerprint);
      names.add(name);
      given.push({ name, method: stored.method, key: publicLine(checked.key), at: stored.at.toISOString() });
    }
  }
  return { needed: approvalsNeeded(subject, deps.estate.approvals), given, void: lost };
}

/** Throws approval-missing, naming who may still approve and the command; returns the status when there are enough. */
export async function assertApproved(deps: StatusDeps, subject: Subject): Promise<ApprovalStatus> {
  const status = await approvalStatus(deps, subject);
  const missing = status.needed - status.given.length;
  if (missing <= 0) return status;
  const names = new Set(status.given.map((g) => g.name));
  const author = deps.estate.approvals.self ? undefined : subject.createdBy;
  const able = [...new Set(deps.estate.approvers.map((a) => a.name))].filter((name) => !names.has(name) && name !== author);
  const by = status.given.length > 0 ? ` (${[...names].join(', ')})` : '';
  const from =
    able.length >= missing
      ? `can approve: ${able.join(', ')}`
      : `only ${able.length} more approver${able.length === 1 ? '' : 's'} may: add approvers to rekey.yaml`;
  const details: ProblemDetail[] = status.void.map(({ name, why }) => ({ message: `the approval of ${name} does not count: ${why}` }));
  throw new Problem(
    'approval-missing',
    {
      message: `the ${wordFor(subject)} ${subject.id} has ${status.given.length} of ${status.needed} approvals${by}; ${from}`,
      place: subject.id,
      hint: `rekey approve ${subject.id} --as NAME --key FILE`,
    },
    details,
  );
}
