// Playbooks and triggers, wired for the doors. A pre-approval counts only while its playbook's text, its signers and its date stand.
import { randomBytes } from 'node:crypto';
import { type ApprovalStatus, approvalStatus } from '../approve/approval-status.ts';
import { approve } from '../approve/approve.ts';
import { approvalMessage } from '../approve/message.ts';
import type { Subject } from '../approve/subject.ts';
import { normalId, shortId } from '../domain/id.ts';
import { Problem } from '../domain/problem.ts';
import type { PlaybookSpec } from '../estate/playbook-spec.ts';
import type { FiringView, PlaybookView, TriggerServices } from '../http/trigger-services.ts';
import { openPlan } from '../plan/show-plan.ts';
import { firingStore, keepPreApproval, playbookApprovals } from '../store/firings.ts';
import { runView } from '../store/run-views.ts';
import { fire } from '../trigger/fire.ts';
import type { Firing } from '../trigger/port.ts';
import { approvalParts } from './approval-services.ts';
import type { Parts } from './parts.ts';
import { createPlanFor } from './plan-services.ts';
import { startPlan } from './start-plan.ts';

export function triggerServices(parts: Parts): TriggerServices {
  const { estate, store, now } = parts;
  const { plans } = approvalParts(parts);
  const firings = firingStore(store);
  const playbook = (id: string): PlaybookSpec => {
    const found = estate.playbooks?.find((p) => p.id === id);
    if (found !== undefined) return found;
    const known = (estate.playbooks ?? []).map((p) => p.id).join(', ');
    throw new Problem('not-found', {
      message: `there is no playbook ${id.slice(0, 63)}`,
      hint: known === '' ? 'rekey.yaml has no "playbooks"' : `playbooks are ${known}`,
    });
  };
  const view = async (spec: PlaybookSpec): Promise<PlaybookView> => {
    const { needed, given } = await statusOf(parts, spec, '');
    const { text: _text, preApproved, cooldownMs, ...shown } = spec;
    return {
      ...shown,
      cooldownSeconds: cooldownMs / 1000,
      message: approvalMessage({ id: subjectId(spec), hash: spec.hash, estate: estate.name }),
      preApproved:
        preApproved === undefined
          ? null
          : {
              ...preApproved,
              needed,
              given: given.map(({ name, at }) => ({ name, at })),
              inForce: given.length >= needed && now() < new Date(preApproved.until),
            },
    };
  };
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
    playbooks: async () => Promise.all((estate.playbooks ?? []).map(view)),
    playbook: async (_caller, id) => view(playbook(id)),
    approvePlaybook: async (_caller, id, approval) => {
      const spec = playbook(id);
      if (spec.preApproved === undefined)
        throw new Problem('conflict', {
          message: `${id} is not meant to be approved in advance`,
          place: id,
          hint: 'add "preApproved: { by: […], until: … }" to it in rekey.yaml',
        });
      await approve(depsOf(parts, spec), subjectOf(spec, ''), approval);
      return view(spec);
    },
    fire: async (caller, id, call) => {
      const spec = playbook(id);
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
    firing: async (_caller, id, firing) => shownFiring(normalId(firing), playbook(id)),
  };
}

const subjectId = (spec: PlaybookSpec): string => `playbook/${spec.id}`;

/** `by`: who fires it. Nobody's own signature starts what they ask for. */
function subjectOf(spec: PlaybookSpec, by: string): Subject {
  return {
    kind: 'playbook',
    id: subjectId(spec),
    hash: spec.hash,
    createdBy: by,
    expiresAt: new Date(spec.preApproved?.until ?? 0),
    tier0: spec.cap.tier0 > 0,
  };
}

function depsOf(parts: Parts, spec: PlaybookSpec) {
  const { deps } = approvalParts(parts);
  const by = spec.preApproved?.by ?? [];
  return {
    ...deps,
    estate: { ...parts.estate, approvers: parts.estate.approvers.filter(({ name }) => by.includes(name)) },
    approvals: playbookApprovals(parts.store, spec.id),
    now: parts.now,
  };
}

function statusOf(parts: Parts, spec: PlaybookSpec, by: string): Promise<ApprovalStatus> {
  return approvalStatus(depsOf(parts, spec), subjectOf(spec, by));
}

/** What is not approved in advance, or has nothing to do, is left as it is. */
async function startPreApproved(parts: Parts, spec: PlaybookSpec, firing: Firing, plan: string): Promise<void> {
  if ((await notInForce(parts, spec, firing)) !== undefined) return;
  const { header } = await openPlan(approvalParts(parts).plans, plan);
  if (header.totals.rotate + header.totals.contain + header.totals.byHand === 0) return;
  const status = await statusOf(parts, spec, firing.by);
  const approvals = await playbookApprovals(parts.store, spec.id).of(subjectId(spec));
  const counted = approvals.filter(({ approver }) => status.given.some(({ name }) => name === approver));
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
  const { needed, given } = await statusOf(parts, spec, firing.by);
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
