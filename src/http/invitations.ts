// Invitations: made, made for a member who lost the passkey, listed without their codes, taken back.
import { z } from 'zod';
import { emailSchema, identitySchema, nameSchema, openInvitationSchema, rolesSchema } from './access-schema.ts';
import { doneSchema } from './done.ts';
import type { AccessDoor, Api } from './door.ts';
import { plain } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { idParams } from './query.ts';

const invitationSchema = z.object({ code: z.string(), url: z.string(), expiresAt: z.string() }).meta({ id: 'Invitation' });
const expiresInHours = z.number().positive().max(720).exactOptional();

export function invitationRoutes(api: Api, { access, caller }: AccessDoor): void {
  api.post(
    '/v1/invitations',
    {
      config: { needs: 'member.manage', secret: true },
      schema: {
        operationId: 'invite',
        summary: 'A code that lets one person in, with these roles',
        body: z.strictObject({
          name: nameSchema,
          email: emailSchema.nullish(),
          identity: identitySchema.nullish(),
          roles: rolesSchema,
          expiresInHours,
        }),
        response: { 201: invitationSchema, ...problemReplies },
      },
    },
    async (request, reply) => {
      const { email, identity, ...rest } = request.body;
      const made = await access.invite(caller(request), { ...rest, email: email ?? null, identity: identity ?? null });
      return reply.code(201).send(made);
    },
  );

  api.get(
    '/v1/invitations',
    {
      config: { needs: 'member.read' },
      schema: {
        operationId: 'listInvitations',
        summary: 'Invitations that still let somebody in, newest first, without their codes',
        querystring: z.strictObject({}),
        response: { 200: z.object({ items: z.array(openInvitationSchema) }), ...problemReplies },
      },
    },
    async (request) => plain({ items: await access.invitations(caller(request)) }),
  );

  api.post(
    '/v1/invitations/:id/revoke',
    {
      config: { needs: 'member.manage' },
      schema: {
        operationId: 'revokeInvitation',
        summary: 'Takes an invitation back: its code opens nothing any more',
        params: idParams,
        response: { 200: doneSchema, ...problemReplies },
      },
    },
    async (request) => {
      await access.revokeInvitation(caller(request), request.params.id);
      return { done: true as const };
    },
  );

  api.post(
    '/v1/members/:id/invitation',
    {
      config: { needs: 'member.manage', secret: true },
      schema: {
        operationId: 'inviteBack',
        summary:
          'A code that lets a member back in who lost the passkey; their sessions end at once, and so do their passkeys unless they are kept',
        params: idParams,
        body: z.strictObject({ keepPasskeys: z.boolean().default(false), expiresInHours }),
        response: { 201: invitationSchema, ...problemReplies },
      },
    },
    async (request, reply) => reply.code(201).send(await access.inviteBack(caller(request), request.params.id, request.body)),
  );
}
