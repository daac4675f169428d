// Plans, wired for the doors.
import { randomBytes } from 'node:crypto';
import { approvalStatus } from '../approve/approval-status.ts';
import type { Subject } from '../approve/subject.ts';
import { normalId } from '../domain/id.ts';
import type { PlanView } from '../domain/view.ts';
import type { SystemSpec } from '../estate/estate.ts';
import type { Services } from '../http/services.ts';
import { type CreatePlanRequest, createPlan } from '../plan/create-plan.ts';
import type { ConnectorFacts } from '../plan/judge.ts';
import { listPlans, planItems, showPlan } from '../plan/show-plan.ts';
import { uniteSystems } from '../seal/unite-systems.ts';
import { approvalParts } from './approval-services.ts';
import type { AnyConnector } from './connections.ts';
import type { Parts } from './parts.ts';

type PlanServices = Pick<Services, 'createPlan' | 'plans' | 'plan' | 'planItems'>;

export function planServices(parts: Parts): PlanServices {
  const { plans, deps } = approvalParts(parts);
  const approvalsOf = (plan: Omit<Subject, 'kind'>) => approvalStatus(deps, { kind: 'plan', ...plan });
  const show = { plans, approvals: approvalsOf };
  return {
    createPlan: (caller, request) => createPlanFor(parts, request, caller.name),
    plans: (_caller, page) => listPlans(show, page),
    plan: (_caller, id) => showPlan(show, normalId(id)),
    planItems: (_caller, id, page) => planItems({ plans }, normalId(id), page),
  };
}

/** For a person, and for a playbook that one fires. */
export function createPlanFor(parts: Parts, request: CreatePlanRequest, by: string): Promise<PlanView> {
  const { estate, connectors, now } = parts;
  const { plans, deps } = approvalParts(parts);
  return createPlan(
    {
      estate,
      connector: (spec) => factsOf(connectors.get(spec.connector), spec),
      path: (id) => connectors.get(id),
      unite: uniteSystems,
      plans,
      approvals: (plan) => approvalStatus(deps, { kind: 'plan', ...plan }),
      random: (bytes) => randomBytes(bytes),
      now,
    },
    request,
    by,
  );
}

/** What planning may know of one system's connector: offline, and as far as its block of the estate file goes. */
function factsOf(connector: AnyConnector | undefined, spec: SystemSpec): ConnectorFacts | undefined {
  if (connector === undefined || (connector.supportsFor === undefined && connector.generationsFor === undefined)) return connector;
  const config = connector.config.parse(spec.config);
  return {
    ...connector,
    ...(connector.supportsFor === undefined ? {} : { supports: connector.supportsFor(config) }),
    ...(connector.generationsFor === undefined ? {} : { generations: connector.generationsFor(config) }),
  };
}
