// Signing in: a passkey asked and answered, or the way to the OpenID provider and back. The reply that signs somebody in sets a new cookie.
import { z } from 'zod';
import { sessionSchema } from './access-schema.ts';
import type { AccessDoor, Api } from './door.ts';
import { fromOf } from './from.ts';
import { assertionSchema, requestOptionsSchema } from './passkey-schema.ts';
import { plain, streamSchema } from './plain.ts';
import { problemReplies } from './problem-reply.ts';
import { readCookie, setSession, setState } from './session-cookie.ts';

/** A strict cookie does not come with a navigation that another site began: this page begins one of ours. */
const onward = (to: '/' | '/my'): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${to}"><title>Signed in</title><p><a href="${to}">Go on</a></p></html>`;

export function signInRoutes(api: Api, { access, asker, version }: AccessDoor): void {
  api.post(
    '/v1/sign-in/passkey/options',
    {
      config: { needs: 'public' },
      schema: {
        operationId: 'askSignIn',
        summary: 'What a passkey is asked to sign; good for one answer within five minutes',
        response: { 200: requestOptionsSchema, ...problemReplies },
      },
    },
    async (request) => plain(await access.signInOptions(fromOf(request))),
  );

  api.post(
    '/v1/sign-in/passkey',
    {
      config: { needs: 'public' },
      schema: {
        operationId: 'signIn',
        summary: 'Signs in, or shows the passkey again for acts that need a fresh one; a session from before ends',
        body: assertionSchema,
        response: { 200: sessionSchema, ...problemReplies },
      },
    },
    async (request, reply) => {
      const { secret, expiresAt, session } = await access.signIn(fromOf(request), request.body, asker(request));
      setSession(reply, access.origin(), secret, expiresAt).header('cache-control', 'no-store');
      return plain({ ...session, version });
    },
  );

  api.get(
    '/v1/sign-in/oidc',
    {
      config: { needs: 'public' },
      schema: {
        operationId: 'startOidc',
        summary: 'Sends the browser to the OpenID provider',
        querystring: z.object({ to: z.enum(['console', 'my']).default('console').describe('Where to go on after it.') }),
        response: { 302: { description: 'To the provider.', content: { 'text/html': { schema: streamSchema } } }, ...problemReplies },
      },
    },
    async (request, reply) => {
      const { url, state } = await access.oidcStart(fromOf(request));
      setState(reply, access.origin(), request.query.to, 'rekey-to');
      return setState(reply, access.origin(), state).header('cache-control', 'no-store').redirect(url);
    },
  );

  api.get(
    '/v1/sign-in/oidc/callback',
    {
      config: { needs: 'public' },
      schema: {
        operationId: 'finishOidc',
        summary: 'Where the OpenID provider sends the browser back to',
        querystring: z.object({
          code: z.string().max(4000).optional(),
          state: z.string().max(4000).optional(),
          iss: z.string().max(4000).optional(),
          error: z.string().max(4000).optional(),
        }),
        response: {
          200: { description: 'Signed in; leads on to the console.', content: { 'text/html': { schema: streamSchema } } },
          ...problemReplies,
        },
      },
    },
    async (request, reply) => {
      const query = request.url.split('?', 2)[1] ?? '';
      const done = await access.oidcFinish(fromOf(request), query, readCookie(request, access.origin(), 'rekey-oidc'), asker(request));
      return setSession(reply, access.origin(), done.secret, done.expiresAt)
        .headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'content-security-policy': "default-src 'none'" })
        .type('text/html; charset=utf-8')
        .send(onward(readCookie(request, access.origin(), 'rekey-to') === 'my' ? '/my' : '/'));
    },
  );
}
