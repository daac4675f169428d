// Starts a plan: drift, canaries, approvals and confirmation are checked the same way for a person and for a playbook.
import { randomBytes } from 'node:crypto';
import { normalId, shortId } from '../domain/id.ts';
import { confirmationOf, type StartRun, startRun } from '../execute/start-run.ts';
import { checkDrift } from '../plan/check-drift.ts';
import { openPlan } from '../plan/show-plan.ts';
import { approvalParts } from './approval-services.ts';
import { knowCanaries } from './canary-secrets.ts';
import type { Parts } from './parts.ts';

export type Start = {
  /** What a person typed; `pre-approved`: the cap that people signed for stands in its place. */
  readonly confirm: string | undefined | 'pre-approved';
  /** Left out: the approvals of the plan itself. */
  readonly approvals?: StartRun['assertApproved'];
  /** In the transaction that makes the run. */
  readonly withRun?: (run: string) => Promise<void>;
};

export async function startPlan(parts: Parts, typed: string, by: string, start: Start): Promise<string> {
  const { estate, runs, engine, seal, now } = parts;
  const { plans, subject, assert } = approvalParts(parts);
  const { record, header } = await openPlan(plans, normalId(typed));
  const { totals } = header;
  const plan = {
    id: header.id,
    hash: record.hash,
    name: header.name,
    mode: header.mode,
    rollback: header.rollback,
    rotate: totals.rotate,
    contain: totals.contain,
    byHand: totals.byHand,
    tier0: totals.tier0,
  };
  const deps: StartRun = {
    runs,
    now,
    sendAdvance: async (run) => {
      await start.withRun?.(run);
      await engine.sendAdvance(run);
    },
    checkDrift: async (id) => {
      await checkDrift({ plans, estate, now }, id);
      await knowCanaries(parts, header);
    },
    assertApproved: start.approvals ?? (async (id) => (await assert(await subject(id))).given),
    newDataKey: (purpose) => seal.newDataKey(`run ${purpose}`),
    newId: () => shortId('R', randomBytes(8)),
  };
  return startRun(deps, plan, by, start.confirm === 'pre-approved' ? confirmationOf(plan) : start.confirm);
}
