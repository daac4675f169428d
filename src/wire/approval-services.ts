// Approvals, wired for the doors: a plan and a hand-over are approved through the same calls, by SSH key or by passkey.
import type { Caller } from '../access/caller.ts';
import { reachOf, roles } from '../access/rights.ts';
import { ableToApprove, approvalStatus, assertApproved } from '../approve/approval-status.ts';
import { approve, type Given } from '../approve/approve.ts';
import { approvalMessage } from '../approve/message.ts';
import { refuse, withdrawRefusal } from '../approve/refuse.ts';
import type { Subject } from '../approve/subject.ts';
import type { ApprovalView } from '../domain/approval-view.ts';
import { normalId } from '../domain/id.ts';
import { Problem } from '../domain/problem.ts';
import type { ApprovalServices, Approved } from '../http/approval-services.ts';
import { openPlan, showPlan, subjectOf } from '../plan/show-plan.ts';
import { approvables } from '../store/approvables.ts';
import { approvalStore } from '../store/approvals.ts';
import { approverPasskeys } from '../store/approver-passkeys.ts';
import { deliveryStore } from '../store/delivery.ts';
import { planStore } from '../store/plans.ts';
import { approvalPage, type Told } from './approval-page.ts';
import type { Parts } from './parts.ts';
import { askPasskeyFor, takePasskey } from './passkey-approval.ts';
import type { Site } from './site.ts';

const approverRoles = roles.filter((role) => reachOf([role], 'plan.approve') !== undefined);

export function approvalParts(parts: Parts) {
  const { estate, store, now } = parts;
  const approvals = approvalStore(store);
  const plans = planStore(store);
  const deliveries = deliveryStore(store);
  // without a role that may, nobody's passkey counts
  const able = estate.approvals.passkeys === false ? [] : approverRoles;
  const deps = { estate, approvals, passkeys: approverPasskeys(store, able, now), now };
  const told = async (typed: string): Promise<Told> => {
    const id = normalId(typed);
    if (id.startsWith('H-')) {
      const record = await deliveries.handover(id);
      if (record === undefined)
        throw new Problem('not-found', {
          message: `there is no hand-over ${id}`,
          hint: 'rekey handover --run RUN --to AGE-RECIPIENT -o FILE',
        });
      const { run, where, count } = JSON.parse(record.request) as { run: string; where: string; count: number }; // our own record
      return {
        subject: { kind: 'handover', id, hash: record.hash, createdBy: record.createdBy, expiresAt: record.expiresAt, tier0: false },
        createdAt: record.createdAt,
        name: run,
        reason: `the live secrets of ${run} where ${where}`,
        credentials: count,
        used: record.writtenAt !== null,
      };
    }
    const { record, header } = await openPlan(plans, id);
    return {
      subject: { kind: 'plan', ...subjectOf(header, record.hash) },
      createdAt: record.createdAt,
      name: header.name,
      reason: header.reason,
      credentials: header.totals.rotate + header.totals.contain,
      used: (await parts.runs.runOf(id)) !== undefined,
    };
  };
  const subject = async (id: string): Promise<Subject> => (await told(id)).subject;
  return { approvals, plans, deps, told, subject, assert: (of: Subject) => assertApproved(deps, of) };
}

export function approvalServices(parts: Parts, site: Site): ApprovalServices {
  const { estate, store, now } = parts;
  const { plans, deps, told, subject } = approvalParts(parts);
  const messageOf = ({ id, hash }: Subject): string => approvalMessage({ id, hash, estate: estate.name });
  const answerOf = async ({ status }: Given, of: Subject): Promise<Approved> => {
    if (of.kind === 'handover') return { id: of.id, given: status.given.length, needed: status.needed };
    const approvals = async (plan: Omit<Subject, 'kind'>) => approvalStatus(deps, { kind: 'plan', ...plan });
    return showPlan({ plans, approvals }, of.id);
  };
  const view = async (caller: Caller, about: Told): Promise<ApprovalView> => {
    const status = await approvalStatus(deps, about.subject);
    return viewOf(caller, about, status, await ableToApprove(deps, about.subject, status), now());
  };
  return {
    approvals: (caller, query) =>
      approvalPage(
        (page) => approvables(store, { ...page, now: now() }),
        async (id) => view(caller, await told(id)),
        query,
      ),
    approvable: async (_caller, id) => {
      const of = await subject(id);
      return { id: of.id, hash: of.hash, message: messageOf(of) };
    },
    approve: async (caller, id, approval) => {
      const of = await subject(id);
      assertOwnName(caller, approval.approver, of.id);
      return answerOf(await approve(deps, of, approval), of);
    },
    askPasskey: async (caller, id) => {
      const of = await subject(id);
      return askPasskeyFor(deps, of, { name: caller.name, site, bySsh: `rekey approve ${of.id}` });
    },
    approveByPasskey: async (caller, id, answer) => {
      const of = await subject(id);
      return answerOf(await takePasskey(deps, of, caller.name, { site, answer }), of);
    },
    refuse: async (caller, id, reason) => {
      const about = await told(id);
      assertUnused(about);
      await refuse(deps, about.subject, caller.name, reason);
      return view(caller, about);
    },
    withdrawRefusal: async (caller, id) => {
      const about = await told(id);
      await withdrawRefusal(deps, about.subject, caller.name);
      return view(caller, about);
    },
  };
}

/** The house passes on what others signed. Whoever signs in hands in their own, so that nobody approves by another name what they made. */
export function assertOwnName({ via, name }: Caller, approver: string, place: string): void {
  if (via !== 'house' && approver !== name)
    throw new Problem('not-permitted', { message: `${name} cannot approve as ${approver}`, place, hint: `--as ${name}` });
}

function assertUnused({ used, subject }: Told): void {
  if (!used) return;
  throw new Problem('conflict', {
    message: `${subject.id} was used already: a refusal comes too late`,
    place: subject.id,
    hint:
      subject.kind === 'plan' ? 'stop its run: rekey run pause RUN --reason …' : 'turn the secrets it holds again: rekey plan --where …',
  });
}

function viewOf(
  caller: Caller,
  { subject, createdAt, name, reason, credentials, used }: Told,
  { needed, given, refused }: Awaited<ReturnType<typeof approvalStatus>>,
  able: readonly string[],
  now: Date,
): ApprovalView {
  const expired = subject.expiresAt <= now;
  const enough = given.length >= needed;
  const state = used ? 'used' : expired ? 'expired' : refused.length > 0 ? 'refused' : enough ? 'approved' : 'waiting';
  const may = used || expired ? [] : able;
  return {
    id: subject.id,
    kind: subject.kind,
    name,
    reason,
    hash: subject.hash,
    requestedBy: subject.createdBy,
    createdAt: createdAt.toISOString(),
    expiresAt: subject.expiresAt.toISOString(),
    credentials,
    tier0: subject.tier0,
    state,
    needed,
    given: given.map(({ name: by, method, at }) => ({ name: by, method, at })),
    refused: refused.map(({ by, reason: why, at }) => ({ name: by, reason: why, at: at.toISOString() })),
    may,
    mine: subject.createdBy === caller.name,
    canGive: may.includes(caller.name),
  };
}
