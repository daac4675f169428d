// Plans and approvals, wired for the doors. A hand-over is approved through the same two calls as a plan.
import { randomBytes } from 'node:crypto';
import { approvalStatus, assertApproved } from '../approve/approval-status.ts';
import { approve } from '../approve/approve.ts';
import { approvalMessage } from '../approve/message.ts';
import type { Subject } from '../approve/subject.ts';
import { normalId } from '../domain/id.ts';
import { Problem } from '../domain/problem.ts';
import type { SystemSpec } from '../estate/estate.ts';
import type { Services } from '../http/services.ts';
import { createPlan } from '../plan/create-plan.ts';
import type { ConnectorFacts } from '../plan/judge.ts';
import { listPlans, openPlan, planItems, showPlan, subjectOf } from '../plan/show-plan.ts';
import { uniteSystems } from '../seal/unite-systems.ts';
import { approvalStore } from '../store/approvals.ts';
import { deliveryStore } from '../store/delivery.ts';
import { planStore } from '../store/plans.ts';
import type { AnyConnector } from './connections.ts';
import type { Parts } from './parts.ts';

export function approvalParts(parts: Parts): {
  readonly approvals: ReturnType<typeof approvalStore>;
  readonly plans: ReturnType<typeof planStore>;
  subject(id: string): Promise<Subject>;
  assert(subject: Subject): ReturnType<typeof assertApproved>;
} {
  const approvals = approvalStore(parts.store);
  const plans = planStore(parts.store);
  const deliveries = deliveryStore(parts.store);
  return {
    approvals,
    plans,
    subject: async (typed) => {
      const id = normalId(typed);
      if (id.startsWith('H-')) {
        const record = await deliveries.handover(id);
        if (record === undefined)
          throw new Problem('not-found', {
            message: `there is no hand-over ${id}`,
            hint: 'rekey handover --run RUN --to AGE-RECIPIENT -o FILE',
          });
        return { kind: 'handover', id, hash: record.hash, createdBy: record.createdBy, expiresAt: record.expiresAt, tier0: false };
      }
      const { record, header } = await openPlan(plans, id);
      return { kind: 'plan', ...subjectOf(header, record.hash) };
    },
    assert: (subject) => assertApproved({ estate: parts.estate, approvals }, subject),
  };
}

type PlanServices = Pick<Services, 'createPlan' | 'plans' | 'plan' | 'planItems' | 'approvable' | 'approve'>;

export function planServices(parts: Parts): PlanServices {
  const { estate, connectors, now } = parts;
  const { approvals, plans, subject } = approvalParts(parts);
  const approvalsOf = async (plan: Omit<Subject, 'kind'>) => {
    const { needed, given } = await approvalStatus({ estate, approvals }, { kind: 'plan', ...plan });
    return { needed, given };
  };
  const show = { plans, approvals: approvalsOf };
  return {
    createPlan: (caller, request) =>
      createPlan(
        {
          estate,
          connector: (spec) => factsOf(connectors.get(spec.connector), spec),
          path: (id) => connectors.get(id),
          unite: uniteSystems,
          ...show,
          random: (bytes) => randomBytes(bytes),
          now,
        },
        request,
        caller.name,
      ),
    plans: (_caller, page) => listPlans(show, page),
    plan: (_caller, id) => showPlan(show, normalId(id)),
    planItems: (_caller, id, page) => planItems({ plans }, normalId(id), page),
    approvable: async (_caller, id) => {
      const { id: known, hash } = await subject(id);
      return { id: known, hash, message: approvalMessage({ id: known, hash, estate: estate.name }) };
    },
    approve: async (_caller, id, approval) => {
      const target = await subject(id);
      const { status } = await approve({ estate, approvals, now }, target, approval);
      return target.kind === 'plan' ? showPlan(show, target.id) : { id: target.id, given: status.given.length, needed: status.needed };
    },
  };
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
