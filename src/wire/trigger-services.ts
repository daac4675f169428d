// Triggers, wired for the doors. A pre-approval starts a run only while its playbook's text, its signers and its date stand.
import { randomBytes } from 'node:crypto';
import { normalId, shortId } from '../domain/id.ts';
import { Problem } from '../domain/problem.ts';
import type { PlaybookSpec } from '../estate/playbook-spec.ts';
import type { FiringView, TriggerServices } from '../http/trigger-services.ts';
import { openPlan } from '../plan/show-plan.ts';
import { firingStore, keepPreApproval } from '../store/firings.ts';
import { runView } from '../store/run-views.ts';
import { fire } from '../trigger/fire.ts';
import type { Firing } from '../trigger/port.ts';
import { approvalParts } from './approval-services.ts';
import type { Parts } from './parts.ts';
import { createPlanFor } from './plan-services.ts';
import { playbookOf, preApprovalOf } from './pre-approval.ts';
import { startPlan } from './start-plan.ts';

export function triggerServices(parts: Parts): TriggerServices {
  const { store, now } = parts;
  const { plans } = approvalParts(parts);
  const firings = firingStore(store);
  const shownFiring = async (id: string, spec: PlaybookSpec): Promise<FiringView> => {
    const found = await firings.find(spec.id, id);
    if (found === undefined)
      throw new Problem('not-found', {
        message: `${spec.id} was not fired as ${id}`,
        place: id,
        hint: `fire it: POST /v1/triggers/${spec.id}`,
      });
    return firingView(parts, found);
  };
  return {
    fire: async (caller, id, call) => {
      const spec = playbookOf(parts, id);
      const deps = {
        store: firings,
        createPlan: async (request: Parameters<typeof createPlanFor>[1]) => (await createPlanFor(parts, request, caller.name)).id,
        sizeOf: async (plan: string) => {
          const { totals, systems } = (await openPlan(plans, plan)).header;
          return { credentials: totals.rotate + totals.contain + totals.byHand, systems: systems.length, tier0: totals.tier0 };
        },
        start: (firing: Firing, plan: string) => startPreApproved(parts, spec, firing, plan),
        newId: () => shortId('T', randomBytes(8)),
        now,
      };
      return shownFiring(await fire(deps, spec, call, caller.name), spec);
    },
    firing: async (_caller, id, firing) => shownFiring(normalId(firing), playbookOf(parts, id)),
  };
}

/** What is not approved in advance, or has nothing to do, is left as it is. */
async function startPreApproved(parts: Parts, spec: PlaybookSpec, firing: Firing, plan: string): Promise<void> {
  if ((await notInForce(parts, spec, firing)) !== undefined) return;
  const { header } = await openPlan(approvalParts(parts).plans, plan);
  if (header.totals.rotate + header.totals.contain + header.totals.byHand === 0) return;
  const { status, counted } = await preApprovalOf(parts, spec, firing.by);
  await startPlan(parts, plan, firing.by, {
    confirm: 'pre-approved',
    approvals: async () => status.given.map((given) => ({ ...given, playbook: spec.id, playbookHash: spec.hash })),
    withRun: (run) =>
      keepPreApproval(parts.store, plan, run, {
        playbook: spec.text,
        parameters: (JSON.parse(firing.request) as { parameters: unknown }).parameters,
        approvals: counted,
      }),
  });
}

async function notInForce(parts: Parts, spec: PlaybookSpec, firing: Firing): Promise<string | undefined> {
  if (spec.preApproved === undefined) return 'this playbook is not approved in advance';
  if (firing.playbookHash !== spec.hash) return 'the playbook changed since it was fired';
  if (parts.now() >= new Date(spec.preApproved.until)) return `its approval in advance ended at ${spec.preApproved.until}`;
  const { needed, given } = (await preApprovalOf(parts, spec, firing.by)).status;
  return given.length < needed ? `${given.length} of ${needed} signatures under the playbook count` : undefined;
}

async function firingView(parts: Parts, firing: Firing): Promise<FiringView> {
  const spec = parts.estate.playbooks?.find((p) => p.id === firing.playbook);
  const run = firing.run === null ? undefined : await runView(parts.store, firing.run);
  const waits =
    run !== undefined || spec === undefined || firing.plan === null
      ? null
      : (firing.over ?? (await notInForce(parts, spec, firing)) ?? 'nothing matches, or it was not started');
  const open = run === undefined ? 0 : run.cells.notProved + run.cells.inferred;
  return {
    id: firing.id,
    playbook: firing.playbook,
    incident: firing.incident,
    firedBy: firing.by,
    at: firing.createdAt.toISOString(),
    plan: firing.plan,
    run: firing.run,
    state: run?.state ?? (firing.plan === null ? 'evaluating' : firing.over !== null ? 'over-cap' : 'waits-for-approval'),
    why: waits,
    proof:
      run === undefined
        ? null
        : { proved: run.cells.proved, open, residual: run.cells.residual, excepted: run.cells.excepted, counts: run.counts },
  };
}
