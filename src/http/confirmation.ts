// Which plans must be confirmed by name and number, and the exact text. The API checks it, so no client can leave it out.
import { Problem } from '../domain/problem.ts';
import type { PlanView } from '../domain/view.ts';

/** Above this many changed credentials a `y` is too easy: a whole department is locked out by one wrong selector. */
export const largestUnnamed = 1000;

export function changesOf(plan: PlanView): number {
  return plan.totals.rotate + plan.totals.contain;
}

/** `NAME N` for a plan that touches tier 0 or more than 1,000 credentials; null when a plain yes is enough. */
export function confirmationOf(plan: PlanView): string | null {
  const changes = changesOf(plan);
  return plan.totals.tier0 > 0 || changes > largestUnnamed ? `${plan.name} ${changes}` : null;
}

export function checkConfirmation(plan: PlanView, given: string | undefined): void {
  const wanted = confirmationOf(plan);
  if (wanted === null || given?.trim() === wanted) return;
  const why = plan.totals.tier0 > 0 ? `it touches tier 0 (${plan.totals.tier0})` : `it changes ${changesOf(plan)} credentials`;
  throw new Problem('confirmation-needed', {
    place: 'confirm',
    message:
      given === undefined ? `this plan must be confirmed by name and number: ${why}` : `the confirmation does not match this plan: ${why}`,
    hint: `--confirm "${wanted}"`,
  });
}
