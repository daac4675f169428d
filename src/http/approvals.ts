// What waits for approval, what an approver signs, and the doors an SSH signature, a passkey's assertion or a refusal comes back through.
import { z } from 'zod';
import { type ApprovalView, approvalStates } from '../domain/approval-view.ts';
import type { Api, Door } from './door.ts';
import { passkeyBody, passkeyRequestSchema } from './passkey-answer.ts';
import { plain } from './plain.ts';
import { planSchema } from './plan-schema.ts';
import { problemReplies } from './problem-reply.ts';
import { idParams, pageOf, pageQuery } from './query.ts';

const count = z.number().int();
const approvableSchema = z.object({ id: z.string(), hash: z.string(), message: z.string() }).meta({ id: 'Approvable' });
const handoverApprovalSchema = z.object({ id: z.string(), given: count, needed: count }).meta({ id: 'HandoverApproval' });
const signatureBody = z.strictObject({
  approver: z.string().min(1).max(200),
  signature: z.string().min(1).max(20_000).describe('SSH signature, namespace rekey-approval, armored as ssh-keygen -Y sign writes it.'),
});
const approvalSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['plan', 'handover']),
    name: z.string(),
    reason: z.string(),
    hash: z.string(),
    requestedBy: z.string(),
    createdAt: z.string(),
    expiresAt: z.string(),
    credentials: count.nullable(),
    tier0: z.boolean(),
    state: z.enum(approvalStates),
    needed: count,
    given: z.array(z.object({ name: z.string(), method: z.string(), at: z.string() })),
    refused: z.array(z.object({ name: z.string(), reason: z.string(), at: z.string() })),
    may: z.array(z.string()),
    mine: z.boolean(),
    canGive: z.boolean(),
  })
  .meta({ id: 'ApprovalRequest' }) satisfies z.ZodType<ApprovalView>;

const refusalBody = z.strictObject({ reason: z.string().trim().min(1).max(2000) });

export function approvalRoutes(api: Api, { services, caller }: Door): void {
  const approved = { 200: z.union([planSchema, handoverApprovalSchema]), ...problemReplies };

  api.get(
    '/v1/approvals',
    {
      config: { needs: 'plan.read' },
      schema: {
        operationId: 'listApprovals',
        summary: 'Plans and hand-overs that people approve, newest first: who gave, who may, who refused',
        querystring: pageQuery.extend({ state: z.enum(approvalStates).optional() }),
        response: { 200: z.object({ items: z.array(approvalSchema), cursor: z.string().exactOptional() }), ...problemReplies },
      },
    },
    async (request) => {
      const { state } = request.query;
      return plain(await services.approvals(caller(request), { ...pageOf(request.query), ...(state === undefined ? {} : { state }) }));
    },
  );

  api.get(
    '/v1/approvals/:id',
    {
      config: { needs: 'plan.read' },
      schema: {
        operationId: 'getApprovable',
        summary: 'The exact text to sign for a plan or a hand-over',
        params: idParams,
        response: { 200: approvableSchema, ...problemReplies },
      },
    },
    async (request) => services.approvable(caller(request), request.params.id),
  );

  api.post(
    '/v1/approvals/:id',
    {
      config: { needs: 'plan.approve' },
      schema: {
        operationId: 'approve',
        summary: 'Adds a signature to a plan or a hand-over',
        params: idParams,
        body: signatureBody,
        response: approved,
      },
    },
    async (request) => plain(await services.approve(caller(request), request.params.id, request.body)),
  );

  api.post(
    '/v1/approvals/:id/passkey/options',
    {
      config: { needs: 'plan.approve' },
      schema: {
        operationId: 'askApprovalPasskey',
        summary: "What to ask the caller's passkey, and the text that it approves",
        params: idParams,
        response: { 200: passkeyRequestSchema, ...problemReplies },
      },
    },
    async (request) => plain(await services.askPasskey(caller(request), request.params.id)),
  );

  api.post(
    '/v1/approvals/:id/passkey',
    {
      config: { needs: 'plan.approve' },
      schema: {
        operationId: 'approveByPasskey',
        summary: "Adds the caller's passkey to a plan or a hand-over",
        params: idParams,
        body: passkeyBody,
        response: approved,
      },
    },
    async (request) => plain(await services.approveByPasskey(caller(request), request.params.id, request.body.response)),
  );

  api.post(
    '/v1/approvals/:id/refuse',
    {
      config: { needs: 'plan.approve' },
      schema: {
        operationId: 'refuseApproval',
        summary: 'Says no: nothing is started while a refusal stands',
        params: idParams,
        body: refusalBody,
        response: { 200: approvalSchema, ...problemReplies },
      },
    },
    async (request) => plain(await services.refuse(caller(request), request.params.id, request.body.reason)),
  );

  api.post(
    '/v1/approvals/:id/refuse/withdraw',
    {
      config: { needs: 'plan.approve' },
      schema: {
        operationId: 'withdrawRefusal',
        summary: "Takes the caller's own refusal back",
        params: idParams,
        response: { 200: approvalSchema, ...problemReplies },
      },
    },
    async (request) => plain(await services.withdrawRefusal(caller(request), request.params.id)),
  );
}
