// How somebody gets in: the first administrator by the code that `serve` prints, everybody else by an invitation. Both end signed in.
import { z } from 'zod';
import { emailSchema, nameSchema, sessionSchema } from './access-schema.ts';
import type { AccessDoor, Api } from './door.ts';
import { fromOf } from './from.ts';
import { attestationSchema, creationOptionsSchema } from './passkey-schema.ts';
import { plain } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { setSession } from './session-cookie.ts';

const codeSchema = z.string().min(1).max(100);

export function joinRoutes(api: Api, { access, asker, version }: AccessDoor): void {
  const created = { 200: creationOptionsSchema, ...problemReplies };

  api.post(
    '/v1/bootstrap/options',
    {
      config: { needs: 'public' },
      schema: {
        operationId: 'askBootstrap',
        summary: 'What the first administrator’s passkey is asked to sign',
        body: z.strictObject({ code: codeSchema, name: nameSchema, email: emailSchema.nullish() }),
        response: created,
      },
    },
    async (request) => {
      const { code, name, email } = request.body;
      return plain(await access.bootstrapOptions(fromOf(request), { code, name, email: email ?? null }));
    },
  );

  api.post(
    '/v1/join/options',
    {
      config: { needs: 'public' },
      schema: {
        operationId: 'askJoin',
        summary: 'What an invited person’s passkey is asked to sign',
        body: z.strictObject({ code: codeSchema }),
        response: created,
      },
    },
    async (request) => plain(await access.joinOptions(fromOf(request), request.body.code)),
  );

  for (const kind of ['bootstrap', 'join'] as const)
    api.post(
      `/v1/${kind}`,
      {
        config: { needs: 'public' },
        schema: {
          operationId: kind,
          summary: kind === 'bootstrap' ? 'Makes the first administrator and signs in' : 'Makes the invited person a member and signs in',
          body: attestationSchema,
          response: { 200: sessionSchema, ...problemReplies },
        },
      },
      async (request, reply) => {
        const { secret, expiresAt, session } = await access.join(fromOf(request), kind, request.body, asker(request));
        setSession(reply, access.origin(), secret, expiresAt).header('cache-control', 'no-store');
        return plain({ ...session, version });
      },
    );
}
