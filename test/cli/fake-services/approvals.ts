// Approvals in the small house: alice signs with a key, bob has a passkey, and a refusal stands until it is taken back.
import { approvalMessage } from '../../../src/approve/message.ts';
import type { ApprovalView } from '../../../src/domain/approval-view.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { Paged, PlanView } from '../../../src/domain/view.ts';
import type { PasskeyRequest } from '../../../src/http/approval-services.ts';
import type { Caller, Page } from '../../../src/http/services.ts';
import { FakePlans } from './plans.ts';
import { at, paged } from './state.ts';

export class FakeApprovals extends FakePlans {
  async approvable(caller: Caller, id: string) {
    const { hash } = await this.plan(caller, id);
    return { id, hash, message: approvalMessage({ id, hash, estate: this.estateName }) };
  }

  async approve(caller: Caller, id: string, approval: { approver: string; signature: string }) {
    const plan = await this.plan(caller, id);
    if (!approval.signature.includes('BEGIN SSH SIGNATURE'))
      throw new Problem('not-permitted', { message: 'the signature is not one of alice', hint: 'sign with the key of rekey.yaml' });
    const next: PlanView = {
      ...plan,
      approvals: { ...plan.approvals, given: [...plan.approvals.given, { name: approval.approver, method: 'ssh', at }] },
    };
    this.planRows.set(id, next);
    return next;
  }

  async approvals(caller: Caller, query: Page & { state?: string }): Promise<Paged<ApprovalView>> {
    const views = [...this.planRows.values()].map((plan) => this.#approval(caller, plan));
    return paged(
      views.filter((view) => query.state === undefined || view.state === query.state),
      query,
    );
  }

  #approval(caller: Caller, plan: PlanView): ApprovalView {
    const { needed, given, refused } = plan.approvals;
    return {
      id: plan.id,
      kind: 'plan',
      name: plan.name,
      reason: plan.reason,
      hash: plan.hash,
      requestedBy: plan.createdBy,
      createdAt: plan.createdAt,
      expiresAt: plan.expiresAt,
      credentials: plan.totals.rotate,
      tier0: plan.totals.tier0 > 0,
      state: refused.length > 0 ? 'refused' : given.length < needed ? 'waiting' : 'approved',
      needed,
      given,
      refused,
      may: ['bob'],
      mine: plan.createdBy === caller.name,
      canGive: caller.name === 'bob',
    };
  }

  async askPasskey(caller: Caller, id: string): Promise<PasskeyRequest> {
    const options = { challenge: 'Y2g', rpId: 'rekey.example.test', timeout: 300_000, userVerification: 'required' as const };
    return { ...(await this.approvable(caller, id)), approver: caller.name, options: { ...options, allowCredentials: [] } };
  }

  async approveByPasskey(caller: Caller, id: string): Promise<PlanView> {
    const plan = await this.plan(caller, id);
    const given = [...plan.approvals.given, { name: caller.name, method: 'passkey', at }];
    const next = { ...plan, approvals: { ...plan.approvals, given } };
    this.planRows.set(plan.id, next);
    return next;
  }

  async refuse(caller: Caller, id: string, reason: string): Promise<ApprovalView> {
    this.calls.push(`refuse ${id}: ${reason}`);
    return this.#refusals(caller, id, [{ name: caller.name, reason, at }]);
  }

  async withdrawRefusal(caller: Caller, id: string): Promise<ApprovalView> {
    this.calls.push(`withdrawRefusal ${id}`);
    return this.#refusals(caller, id, []);
  }

  async #refusals(caller: Caller, id: string, refused: PlanView['approvals']['refused']): Promise<ApprovalView> {
    const plan = await this.plan(caller, id);
    const next = { ...plan, approvals: { ...plan.approvals, refused } };
    this.planRows.set(plan.id, next);
    return this.#approval(caller, next);
  }
}
