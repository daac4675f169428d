// Turns an approved, undrifted plan into a run: one transaction writes the run, its items and the job that begins it.
import { entryLine } from '../domain/entry.ts';
import type { Json } from '../domain/json.ts';
import { Problem } from '../domain/problem.ts';
import type { Mode } from '../domain/run.ts';
import type { RunStore } from './run-port.ts';

export type StartRun = {
  readonly runs: RunStore;
  /** Throws plan-stale or plan-tampered. */
  readonly checkDrift: (plan: string) => Promise<void>;
  /** Throws approval-missing. Answers who approved, for the evidence. */
  readonly assertApproved: (plan: string) => Promise<readonly { name: string; method: string; key: string; at: string }[]>;
  readonly newDataKey: (purpose: string) => Promise<string>;
  readonly sendAdvance: (run: string) => Promise<void>;
  readonly newId: () => string;
  readonly now: () => Date;
};

export type PlanToRun = {
  readonly id: string;
  readonly hash: string;
  readonly name: string;
  readonly mode: Mode;
  readonly rollback: boolean;
  readonly rotate: number;
  readonly contain: number;
  readonly byHand: number;
  readonly tier0: number;
};

/** Above this many accounts, or with any tier-0 account, a person types the plan's name and number; `--yes` is not enough. */
const typedAbove = 1000;

export function confirmationOf(plan: PlanToRun): string | undefined {
  return plan.tier0 > 0 || plan.rotate > typedAbove ? `${plan.name} ${plan.rotate}` : undefined;
}

export async function startRun(deps: StartRun, plan: PlanToRun, by: string, confirm: string | undefined): Promise<string> {
  const earlier = await deps.runs.runOf(plan.id);
  if (earlier !== undefined)
    throw new Problem('conflict', {
      message: `${plan.id} was already applied as ${earlier}`,
      hint: `rekey run show ${earlier}   or   rekey run retry ${earlier}`,
    });
  if (plan.rotate + plan.contain + plan.byHand === 0)
    throw new Problem('conflict', {
      message: `${plan.id} has nothing to do: it resets and blocks no account`,
      hint: `rekey plan show ${plan.id} says why each was left out`,
    });
  const approvals = await deps.assertApproved(plan.id);
  await deps.checkDrift(plan.id);
  const wanted = confirmationOf(plan);
  if (wanted !== undefined && confirm !== wanted)
    throw new Problem('confirmation-needed', {
      message: confirm === undefined ? `this plan needs its name and number typed` : `"${confirm}" is not the name and number of this plan`,
      hint: `rekey apply ${plan.id} --confirm "${wanted}"`,
    });
  const rival = await deps.runs.rival(plan.id);
  if (rival !== undefined)
    throw new Problem('conflict', { message: `${rival} is still at work on accounts of this plan`, hint: `rekey run watch ${rival}` });
  const id = deps.newId();
  const at = deps.now();
  const dataKey = await deps.newDataKey(id);
  await deps.runs.transaction(async () => {
    await deps.runs.insert({
      id,
      plan: plan.id,
      planHash: plan.hash,
      mode: plan.mode,
      rollback: plan.rollback,
      dataKey,
      startedBy: by,
      lines: [
        entryLine('plan', at, { plan: plan.id, hash: plan.hash, name: plan.name, mode: plan.mode }),
        ...approvals.map((a) => entryLine('approval', at, { plan: plan.id, ...(a as { readonly [key: string]: Json }) })),
        entryLine('run', at, { run: id, state: 'running', by }),
      ],
    });
    await deps.sendAdvance(id);
  });
  return id;
}
