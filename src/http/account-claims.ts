// Who may fetch what was set for an account, and a second chance for whoever came too late. No secret passes here.
import { z } from 'zod';
import type { AccountClaimView } from '../deliver/account-claims.ts';
import { claimStates } from '../deliver/claim-port.ts';
import type { Api, Door } from './door.ts';
import { plain } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { accountParams } from './query.ts';

const claimSchema = z
  .object({
    person: z.string(),
    version: z.number().int(),
    state: z.enum(claimStates),
    setAt: z.string(),
    until: z.string().nullable(),
    revealedAt: z.string().nullable(),
    reveals: z.number().int(),
  })
  .meta({ id: 'AccountClaim' }) satisfies z.ZodType<AccountClaimView>;
const reopenBody = z.strictObject({
  person: z.string().min(1).max(320).describe('For whom, as the inventory names them.'),
  reason: z.string().trim().min(1).max(2000).describe('On record, and how it was made sure who asked.'),
});

export function accountClaimRoutes(api: Api, { services, caller }: Door): void {
  api.get(
    '/v1/accounts/:system/:account/claims',
    {
      config: { needs: 'run.read' },
      schema: {
        operationId: 'listAccountClaims',
        summary: 'Who may fetch the present value of the account, and whether they did',
        params: accountParams,
        response: { 200: z.object({ items: z.array(claimSchema) }), ...problemReplies },
      },
    },
    async (request) => plain({ items: await services.accountClaims(caller(request), request.params.system, request.params.account) }),
  );

  api.post(
    '/v1/accounts/:system/:account/claims/reopen',
    {
      config: { needs: 'secret.reopen' },
      schema: {
        operationId: 'reopenClaim',
        summary: 'The time to fetch the value begins anew for one person; only where it ended with nothing shown',
        params: accountParams,
        body: reopenBody,
        response: { 200: claimSchema, ...problemReplies },
      },
    },
    async (request) => services.reopenClaim(caller(request), request.params.system, request.params.account, request.body),
  );
}
