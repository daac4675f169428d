// Members and what they hold.
import { z } from 'zod';
import { accessEvents } from '../access/access.ts';
import { auditSchema, emailSchema, identitySchema, memberSchema, nameSchema, rolesSchema } from './access-schema.ts';
import type { AccessDoor, Api } from './door.ts';
import { plain } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { idParams, pageOf, pageQuery } from './query.ts';

const auditQuery = pageQuery.extend({
  by: z.string().min(1).max(300).exactOptional().describe('Whoever did it, by name, in any case of letters.'),
  event: z.enum(accessEvents).exactOptional(),
  since: z.iso.datetime({ offset: true }).exactOptional().describe('From then on.'),
});

export function memberRoutes(api: Api, { access, caller }: AccessDoor): void {
  api.get(
    '/v1/members',
    {
      config: { needs: 'member.read' },
      schema: {
        operationId: 'listMembers',
        summary: 'People and programs that may sign in here',
        querystring: pageQuery,
        response: { 200: z.object({ items: z.array(memberSchema), cursor: z.string().exactOptional() }), ...problemReplies },
      },
    },
    async (request) => plain(await access.members(caller(request), pageOf(request.query))),
  );

  api.post(
    '/v1/members',
    {
      config: { needs: 'member.manage' },
      schema: {
        operationId: 'addMember',
        summary: 'A member without an invitation: signs in at the OpenID provider, or only ever holds tokens',
        body: z.strictObject({ name: nameSchema, email: emailSchema.nullish(), identity: identitySchema.nullish(), roles: rolesSchema }),
        response: { 201: memberSchema, ...problemReplies },
      },
    },
    async (request, reply) => {
      const { email, identity, ...rest } = request.body;
      const made = await access.addMember(caller(request), { ...rest, email: email ?? null, identity: identity ?? null });
      return reply.code(201).send(plain(made));
    },
  );

  api.post(
    '/v1/members/:id',
    {
      config: { needs: 'member.manage' },
      schema: {
        operationId: 'changeMember',
        summary: 'Roles, identity, end, disabled or not; holds from the member’s next request on',
        params: idParams,
        body: z.strictObject({
          roles: rolesSchema.exactOptional(),
          disabled: z.boolean().exactOptional(),
          identity: identitySchema.nullable().exactOptional(),
          expiresAt: z.iso.datetime({ offset: true }).nullable().exactOptional(),
        }),
        response: { 200: memberSchema, ...problemReplies },
      },
    },
    async (request) => plain(await access.changeMember(caller(request), request.params.id, request.body)),
  );

  api.get(
    '/v1/audit',
    {
      config: { needs: 'audit.read' },
      schema: {
        operationId: 'listAccess',
        summary: 'Sign-ins, refusals and changes of rights, newest first, as they stand in the estate’s evidence log',
        querystring: auditQuery,
        response: { 200: z.object({ items: z.array(auditSchema), cursor: z.string().exactOptional() }), ...problemReplies },
      },
    },
    async (request) => {
      const { cursor: _cursor, limit: _limit, ...filter } = request.query;
      return plain(await access.audit(caller(request), { ...pageOf(request.query), ...filter }));
    },
  );
}
