// What an approver signs, and the door the signature comes back through. The signing key never passes here.
import { z } from 'zod';
import type { Api, Door } from './door.ts';
import { plain } from './plain.ts';
import { planSchema } from './plan-schema.ts';
import { problemReplies } from './problem-reply.ts';
import { idParams } from './query.ts';

const approvableSchema = z.object({ id: z.string(), hash: z.string(), message: z.string() }).meta({ id: 'Approvable' });
const handoverApprovalSchema = z
  .object({ id: z.string(), given: z.number().int(), needed: z.number().int() })
  .meta({ id: 'HandoverApproval' });
const approvalSchema = z.strictObject({
  approver: z.string().min(1).max(200),
  signature: z.string().min(1).max(20_000).describe('SSH signature, namespace rekey-approval, armored as ssh-keygen -Y sign writes it.'),
});

export function approvalRoutes(api: Api, { services, caller }: Door): void {
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
        body: approvalSchema,
        response: { 200: z.union([planSchema, handoverApprovalSchema]), ...problemReplies },
      },
    },
    async (request) => plain(await services.approve(caller(request), request.params.id, request.body)),
  );
}
