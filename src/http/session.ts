// Who is signed in, and their open sessions. A page learns here what it may offer; what is offered is checked again where it is done.
import { z } from 'zod';
import { loginSchema, sessionSchema } from './access-schema.ts';
import { doneSchema } from './done.ts';
import type { AccessDoor, Api } from './door.ts';
import { plain } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { idParams } from './query.ts';
import { clearSession } from './session-cookie.ts';

export function sessionRoutes(api: Api, { access, caller, asker, version }: AccessDoor): void {
  api.get(
    '/v1/session',
    {
      config: { needs: 'public' },
      schema: {
        operationId: 'getSession',
        summary: 'Who is signed in and what they may do; what a page needs before anybody is',
        response: { 200: sessionSchema, ...problemReplies },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return plain({ ...(await access.session(asker(request))), version });
    },
  );

  api.post(
    '/v1/sign-out',
    {
      config: { needs: 'signed-in' },
      schema: { operationId: 'signOut', summary: 'Ends this session', response: { 200: doneSchema, ...problemReplies } },
    },
    async (request, reply) => {
      await access.signOut(caller(request));
      clearSession(reply, access.origin());
      return { done: true as const };
    },
  );

  api.get(
    '/v1/sessions',
    {
      config: { needs: 'signed-in' },
      schema: {
        operationId: 'listSessions',
        summary: 'Open sessions of one’s own; of another member for whoever manages members',
        querystring: z.strictObject({ member: z.string().min(1).max(64).optional() }),
        response: { 200: z.object({ items: z.array(loginSchema) }), ...problemReplies },
      },
    },
    async (request) => plain({ items: await access.sessions(caller(request), request.query.member) }),
  );

  api.post(
    '/v1/sessions/:id/revoke',
    {
      config: { needs: 'signed-in' },
      schema: {
        operationId: 'revokeSession',
        summary: 'Ends a session of one’s own; anybody’s for whoever manages members',
        params: idParams,
        response: { 200: doneSchema, ...problemReplies },
      },
    },
    async (request) => {
      await access.revokeSession(caller(request), request.params.id);
      return { done: true as const };
    },
  );
}
