// API tokens and passkeys of whoever asks. A token is shown in the reply that makes it, and never again.
import { z } from 'zod';
import { permissions } from '../access/rights.ts';
import { nameSchema, newTokenSchema, passkeySchema, tokenSchema } from './access-schema.ts';
import { doneSchema } from './done.ts';
import type { AccessDoor, Api } from './door.ts';
import { attestationSchema, creationOptionsSchema } from './passkey-schema.ts';
import { plain } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { idParams } from './query.ts';

const done = { done: true as const };
/** A year: a token nobody renews in that time is one nobody knows of. */
const mostDays = 366;

export function tokenRoutes(api: Api, { access, caller }: AccessDoor): void {
  const reply = { 200: doneSchema, ...problemReplies };

  api.get(
    '/v1/tokens',
    {
      config: { needs: 'signed-in' },
      schema: {
        operationId: 'listTokens',
        summary: 'Tokens of one’s own; of another member for whoever manages members',
        querystring: z.strictObject({ member: z.string().min(1).max(64).optional() }),
        response: { 200: z.object({ items: z.array(tokenSchema) }), ...problemReplies },
      },
    },
    async (request) => plain({ items: await access.tokens(caller(request), request.query.member) }),
  );

  api.post(
    '/v1/tokens',
    {
      config: { needs: 'signed-in', secret: true },
      schema: {
        operationId: 'makeToken',
        summary: 'A token for programs: narrowed to these permissions, with an end',
        body: z.strictObject({
          name: nameSchema,
          permissions: z.array(z.enum(permissions)).min(1).max(permissions.length),
          expiresInDays: z.number().int().min(1).max(mostDays).default(30),
          member: z.string().min(1).max(64).exactOptional(),
        }),
        response: { 201: newTokenSchema, ...problemReplies },
      },
    },
    async (request, answer) => answer.code(201).send(plain(await access.makeToken(caller(request), request.body))),
  );

  api.post(
    '/v1/tokens/:id/revoke',
    {
      config: { needs: 'signed-in' },
      schema: { operationId: 'revokeToken', summary: 'Ends a token at once', params: idParams, response: reply },
    },
    async (request) => {
      await access.revokeToken(caller(request), request.params.id);
      return done;
    },
  );

  api.get(
    '/v1/passkeys',
    {
      config: { needs: 'signed-in' },
      schema: {
        operationId: 'listPasskeys',
        summary: 'One’s own passkeys',
        response: { 200: z.object({ items: z.array(passkeySchema) }), ...problemReplies },
      },
    },
    async (request) => plain({ items: await access.passkeys(caller(request)) }),
  );

  api.post(
    '/v1/passkeys/options',
    {
      config: { needs: 'signed-in' },
      schema: {
        operationId: 'askNewPasskey',
        summary: 'What one more passkey is asked to sign; needs one that was used within five minutes',
        response: { 200: creationOptionsSchema, ...problemReplies },
      },
    },
    async (request) => plain(await access.passkeyOptions(caller(request))),
  );

  api.post(
    '/v1/passkeys',
    {
      config: { needs: 'signed-in' },
      schema: {
        operationId: 'addPasskey',
        summary: 'Adds one more passkey',
        body: attestationSchema.extend({ name: nameSchema }).meta({ id: 'NewPasskey' }),
        response: { 201: passkeySchema, ...problemReplies },
      },
    },
    async (request, answer) => {
      const { name, ...attestation } = request.body;
      return answer.code(201).send(plain(await access.addPasskey(caller(request), name, attestation)));
    },
  );

  api.post(
    '/v1/passkeys/:id/remove',
    {
      config: { needs: 'signed-in' },
      schema: {
        operationId: 'removePasskey',
        summary: 'Takes a passkey away; never the only way in',
        params: z.strictObject({ id: z.string().min(1).max(1400) }),
        response: reply,
      },
    },
    async (request) => {
      await access.removePasskey(caller(request), request.params.id);
      return done;
    },
  );
}
