// Which plans must be confirmed by name and number, and the exact text to type. startRun asks for the same; here it is asked before sending.
import type { PlanView } from '../domain/view.ts';

/** Above this many resets a `y` is too easy: a whole department is locked out by one wrong selector. */
export const largestUnnamed = 1000;

/** `NAME N` for a plan that touches tier 0 or resets more than 1,000 credentials; null when a plain yes is enough. */
export function confirmationOf(plan: PlanView): string | null {
  return plan.totals.tier0 > 0 || plan.totals.rotate > largestUnnamed ? `${plan.name} ${plan.totals.rotate}` : null;
}

export function changesOf(plan: PlanView): number {
  return plan.totals.rotate + plan.totals.contain;
}
