// Approvals, wired for the doors: a plan and a hand-over are approved through the same calls, by SSH key or by passkey.
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import type { Caller } from '../access/caller.ts';
import { reachOf, roles } from '../access/rights.ts';
import { ableToApprove, approvalStatus, assertApproved } from '../approve/approval-status.ts';
import { approve, approveByPasskey, type Given } from '../approve/approve.ts';
import { challengeOf } from '../approve/assertion.ts';
import { approvalMessage } from '../approve/message.ts';
import { refuse, withdrawRefusal } from '../approve/refuse.ts';
import type { Subject } from '../approve/subject.ts';
import { nodeCryptography } from '../cryptography/node.ts';
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
import type { Site } from './site.ts';

/** The browser gives up asking after this; the challenge itself is good as long as the plan is. */
const askMs = 5 * 60_000;
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
  const answer = async ({ status }: Given, of: Subject): Promise<Approved> => {
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
      // The house passes on what others signed. Whoever signs in hands in their own, so that nobody approves by another name what they made.
      if (caller.via !== 'house' && approval.approver !== caller.name)
        throw new Problem('not-permitted', {
          message: `${caller.name} cannot approve as ${approval.approver}`,
          place: of.id,
          hint: `--as ${caller.name}`,
        });
      return answer(await approve(deps, of, approval), of);
    },
    askPasskey: async (caller, id) => {
      const of = await subject(id);
      const keys = await deps.passkeys.of(caller.name);
      if (keys.length === 0)
        throw new Problem('not-permitted', {
          message: `${caller.name} has no passkey that may approve`,
          place: of.id,
          hint: `sign in as a member with the role approver, or sign with an SSH key: rekey approve ${of.id} --as NAME --key FILE`,
        });
      const message = messageOf(of);
      return {
        id: of.id,
        hash: of.hash,
        message,
        approver: caller.name,
        options: {
          challenge: await challengeOf(message, caller.name, nodeCryptography),
          rpId: site().rpId,
          timeout: askMs,
          userVerification: 'required',
          allowCredentials: keys.map(({ credential }) => ({ id: credential, type: 'public-key' })),
        },
      };
    },
    approveByPasskey: async (caller, id, { id: credential, response }: AuthenticationResponseJSON) => {
      const of = await subject(id);
      const { authenticatorData, clientDataJSON, signature } = response;
      const given = { approver: caller.name, credential, authenticatorData, clientDataJSON, signature, ...site() };
      return answer(await approveByPasskey(deps, of, given), of);
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
