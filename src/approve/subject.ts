// What can be approved, and how many signatures it takes. A plan and a hand-over are approved the same way.
import type { ApprovalRules } from '../estate/estate.ts';

export type Subject = {
  readonly kind: 'plan' | 'handover' | 'playbook';
  readonly id: string;
  readonly hash: string;
  /** Name of the caller who made it. */
  readonly createdBy: string;
  readonly expiresAt: Date;
  /** The plan changes at least one account of tier 0. */
  readonly tier0: boolean;
};

export function approvalsNeeded(subject: Pick<Subject, 'kind' | 'tier0'>, rules: ApprovalRules): number {
  if (subject.kind === 'handover') return rules.handover;
  return subject.tier0 ? Math.max(rules.count, rules.tier0) : rules.count;
}

export function wordFor(subject: Pick<Subject, 'kind'>): string {
  return subject.kind === 'handover' ? 'hand-over' : subject.kind;
}
